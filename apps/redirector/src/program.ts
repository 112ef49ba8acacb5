// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { Command } from '@commander-js/extra-typings';
import { redirectConfigSchema } from '@promograph/redirect';
import { z } from 'zod';
import { explain } from './commands/explain.ts';
import { importRanges } from './commands/import-ranges.ts';
import { serve } from './commands/serve.ts';
import { loadSettings, type SettingsSource } from './config/load-settings.ts';
import type { RedirectorContext } from './redirector-context.ts';

type SourceFlags = { config?: string | undefined; region?: string | undefined };

/** The whole command tree. Parsing throws `CommanderError` instead of ending the process. */
export function createRedirectorProgram(context: RedirectorContext, version: string): Program {
  const sourceOf = ({ config, region }: SourceFlags): SettingsSource => ({
    configFile: config ?? context.env['PROMOGRAPH_REDIRECTOR_CONFIG'],
    region: region ?? context.env['PROMOGRAPH_REDIRECTOR_REGION'],
    env: context.env,
  });
  const program = new Command('promograph-redirector')
    .description('Sends clients of one host name to the nearest registry, and for signatures to the canonical one.')
    .version(version, '-V, --version', 'print the version')
    .option(
      '--config <file>',
      'configuration file (PROMOGRAPH_REDIRECTOR_CONFIG); default: UPSTREAM_REGISTRY_ENDPOINT and the like',
    )
    .option('--region <name>', 'region of this instance (PROMOGRAPH_REDIRECTOR_REGION), over that of the configuration')
    .exitOverride()
    .configureOutput({ writeOut: context.writeOut, writeErr: context.writeErr })
    .action(async (flags) => serve(sourceOf(flags), context));
  program
    .command('check')
    .summary('read the configuration and say what is wrong')
    .action(async () => {
      await loadSettings(sourceOf(program.opts()));
      context.writeOut('the configuration is right\n');
    });
  addExplain(program, (flags) => sourceOf(flags), context);
  addImportRanges(program, context);
  program
    .command('schema')
    .summary('print the JSON Schema of the configuration')
    .action(() => context.writeOut(`${JSON.stringify(configJsonSchema(), null, 2)}\n`));
  return program;
}

/** JSON Schema (draft-07) of the configuration, for editors; it cannot say what names of regions there are. */
export function configJsonSchema(): object {
  const json = z.toJSONSchema(redirectConfigSchema, { target: 'draft-7', io: 'input' });
  return { $id: 'urn:promograph:v1:redirector', ...json };
}

type Program = Command<[], SourceFlags>;

function addExplain(
  program: Program,
  sourceOf: (flags: SourceFlags) => SettingsSource,
  context: RedirectorContext,
): void {
  program
    .command('explain')
    .summary('say where a request would go, and why; no registry is asked')
    .argument('<path>', 'path of the request, with its query')
    .option('--method <method>', 'method of the request', 'GET')
    .option('--client <address>', 'address of the client', '')
    .option('--header <value>', 'value of the header that names the region')
    .action(async (target, { method, client, header }) => {
      const settings = await loadSettings(sourceOf(program.opts()));
      context.writeOut(explain(settings, { method, target, client, header }));
    });
}

function addImportRanges(program: Program, context: RedirectorContext): void {
  program
    .command('import-ranges')
    .summary('make a file of address ranges from what AWS, Google Cloud, Azure and Oracle Cloud publish')
    .argument('<source...>', 'files and https URLs; of equal networks the first counts')
    .option('--output <file>', 'where to write it; default: stdout')
    .action(async (sources, { output }) => {
      const text = await importRanges(sources);
      if (output === undefined) context.writeOut(text);
      else await writeFile(output, text);
    });
}
