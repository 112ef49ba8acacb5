// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createNodes } from '@promograph/nx/plugin';
import { code, GENERATED_NOTE, table } from './markdown.ts';

interface ExecutorSchema {
  readonly properties: Readonly<
    Record<string, { readonly description: string; readonly 'x-priority'?: string; readonly default?: unknown }>
  >;
}

const INTRODUCTION = `Every \`manifests/<p>/promoter-manifest.yaml\` of the workspace is an Nx project \`<p>\` with these targets. No
\`project.json\` is needed; one beside the manifest may add to them. \`npx nx show project <p>\` shows what was inferred.

\`\`\`jsonc
// nx.json
{ "plugins": [{ "plugin": "@promograph/nx/plugin", "options": {} }] }
\`\`\``;

const PLUGIN_OPTIONS: readonly (readonly [string, string, string])[] = [
  [
    'roots',
    'promotion trees: a list of `{ "path": …, "prefix": … }`, paths relative to the workspace',
    'the workspace itself',
  ],
  ['namePrefix', 'put before the name of every project', 'nothing'],
  [
    'gate',
    '`true` lets `validate` ask the gate: it then needs the snapshot',
    'where promograph.yaml has the key `staging` or `scan`, or a promoter manifest of the tree `provenance`',
  ],
  ['replicate', '`true` adds the target `replicate`', 'where promograph.yaml has the key `replicate`'],
  ['stateDir', 'where artifacts lie, relative to the root of each tree', '`.promo`'],
];

/** The page of the Nx plugin: targets, options, inputs. */
export async function nxPage(repository: string): Promise<string> {
  const targets = Object.entries(await inferTargets(repository));
  const schemaFile = join(repository, 'tools/executors/src/executors/schema.json');
  const schema = JSON.parse(await readFile(schemaFile, 'utf8')) as ExecutorSchema;
  const options = Object.entries(schema.properties).filter(([, option]) => option['x-priority'] !== 'internal');
  return [
    GENERATED_NOTE,
    '# Nx plugin',
    INTRODUCTION,
    '## Targets',
    table(
      ['Target', 'What it does', 'Cached', 'Needs', 'Configurations'],
      targets.map(([target, { metadata, cache, dependsOn, configurations }]) => [
        code(target),
        metadata?.description ?? '',
        cache === true ? 'yes' : 'never',
        (dependsOn ?? []).map((name) => code(typeof name === 'string' ? name : name.target)).join(', '),
        Object.keys(configurations ?? {})
          .map(code)
          .join(', '),
      ]),
    ),
    '## Options of targets',
    table(
      ['Option', 'What it does'],
      options.map(([name, { description }]) => [code(`--${name}`), description]),
    ),
    '## Options of the plugin',
    table(
      ['Option', 'What it does', 'Default'],
      PLUGIN_OPTIONS.map(([name, ...rest]) => [code(name), ...rest]),
    ),
  ].join('\n\n');
}

type CreateNodesFunction = (typeof createNodes)[1];
type Inferred = Awaited<ReturnType<CreateNodesFunction>>[number][1];
type Targets = NonNullable<NonNullable<NonNullable<Inferred['projects']>[string]>['targets']>;

async function inferTargets(repository: string): Promise<Targets> {
  const context = { workspaceRoot: repository, nxJsonConfiguration: {} };
  const results = await createNodes[1](['manifests/p/promoter-manifest.yaml'], { replicate: true }, context);
  return results[0]?.[1].projects?.['manifests/p']?.targets ?? {};
}
