// SPDX-License-Identifier: Apache-2.0
import { configJsonSchema, createRedirectorProgram } from '@promograph/redirector/reference';
import { type JsonSchema, rowsOf } from './configuration-page.ts';
import { code, GENERATED_NOTE, table } from './markdown.ts';

const INTRODUCTION = `\`promograph-redirector\` answers clients of one host name with redirects to mirrors:
[the front door](../explanation/front-door.md). Exit codes: 0 done, 1 something broke, 3 wrong input.`;

const CONFIGURATION = `YAML or JSON. Unknown keys are errors, told with file, line and column; \`promograph-redirector schema\` prints the JSON
Schema for editors. Durations are written \`500ms\`, \`30s\`, \`5m\`, \`1h\`. \`probe: false\` asks no registry: then only the form of
a request tells signatures.`;

const VARIABLES = `Without a file, the variables of the Kubernetes project's redirector: \`UPSTREAM_REGISTRY_ENDPOINT\`,
\`UPSTREAM_REGISTRY_PATH\`, \`SIGNATURE_UPSTREAM_ENDPOINT\`, \`DEFAULT_AWS_BASE_URL\`. \`PORT\` counts where \`listen\` is not
configured.`;

/** The page of the redirector: commands, flags and the keys of its file. */
export function redirectorPage(): string {
  const program = describeProgram();
  const ownFlags = program.options.map(({ flags, description }) => [code(flags), description]);
  const commands = program.commands.map((command) => {
    const places = command.registeredArguments.map(({ description }) => description);
    const flags = command.options.map(({ flags: name, description }) => `${code(name)}: ${description}`);
    return [code(`${command.name()} ${command.usage()}`), [command.summary(), ...places, ...flags].join('. ')];
  });
  return [
    GENERATED_NOTE,
    '# The redirector',
    INTRODUCTION,
    table(['Flag', 'What it does'], ownFlags),
    table(['Command', 'What it does'], commands),
    VARIABLES,
    '## Configuration',
    CONFIGURATION,
    table(['Key', 'Values', 'Meaning'], configurationRows()),
  ].join('\n\n');
}

/** Keys of regions and of values of headers are names, not hosts. */
function configurationRows(): readonly (readonly string[])[] {
  const schema = configJsonSchema() as JsonSchema;
  const probe = schema.properties?.['probe'];
  const mapping = probe?.anyOf?.find(({ type }) => type === 'object') ?? {};
  const properties = { ...schema.properties, probe: { ...mapping, description: probe?.description ?? '' } };
  return rowsOf({ ...schema, properties }, '').map(([key = '', ...rest]) => [key.replace('<host>', '<name>'), ...rest]);
}

/** The command tree itself; no command of it is run. */
function describeProgram(): ReturnType<typeof createRedirectorProgram> {
  const ignore = (): void => undefined;
  return createRedirectorProgram({ env: {}, writeOut: ignore, writeErr: ignore, onSignal: ignore }, '');
}
