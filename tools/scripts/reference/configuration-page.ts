// SPDX-License-Identifier: Apache-2.0
import type { Quota } from '@promograph/limiter';
import { manifestSchemas } from '@promograph/manifest';
import { BUILT_IN_PROFILES, DEFAULT_PROFILE } from '@promograph/registry';
import { code, GENERATED_NOTE, table } from './markdown.ts';

/** The parts of JSON Schema that these pages show. */
export interface JsonSchema {
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

const INTRODUCTION = `Two files at the root of a tree, beside \`manifests/\` and \`images/\`. Both are data: nothing in them is executed. Unknown
keys are errors. A flag wins over its environment variable, that over the file, the file over the default.
\`promograph schema promograph\` and \`promograph schema promograph-baseline\` print their JSON Schemas (draft-07) for editors.`;

const PROFILES = `Known without configuration; every key can be overridden under \`registries\`. Hosts are matched exactly, then by the
longest \`*.suffix\`. Loopback hosts speak plain HTTP.`;

const PROFILE_COLUMNS = [
  'Host',
  'Listing',
  'Requests per second',
  'Further budgets',
  'Requests in flight',
  'Own mounts',
  'Token services elsewhere',
];

const BASELINE = `Findings that were there before the tree was checked strictly, accepted one by one. Entries name code, file and value,
never a line, so they survive edits around them. \`promograph validate --write-baseline\` writes the file. An entry that
accepts nothing any more is an error, so the file can only shrink by itself.`;

/** The page of the two files of settings. */
export function configurationPage(): string {
  const schemas = manifestSchemas();
  const example =
    '```yaml\napiVersion: promograph/v1\nregistries:\n  registry.example.org:\n    requestsPerSecond: 50\n```';
  return [
    GENERATED_NOTE,
    '# Configuration',
    INTRODUCTION,
    '## promograph.yaml',
    example,
    table(['Key', 'Values', 'Meaning'], rowsOf(schemas.promograph, '')),
    '## Registries that are known',
    PROFILES,
    table(PROFILE_COLUMNS, profileRows()),
    '## promograph-baseline.yaml',
    BASELINE,
    table(['Key', 'Values', 'Meaning'], rowsOf(schemas['promograph-baseline'], '')),
  ].join('\n\n');
}

/** One row per key, keys of nested mappings written with dots. */
export function rowsOf(schema: JsonSchema, prefix: string): readonly (readonly string[])[] {
  const named = Object.entries(schema.properties ?? {}).flatMap(([key, child]) => rowsOfKey(`${prefix}${key}`, child));
  const others = schema.additionalProperties;
  return typeof others === 'object' ? [...named, ...rowsOfKey(`${prefix}<host>`, others)] : named;
}

function rowsOfKey(key: string, schema: JsonSchema): readonly (readonly string[])[] {
  const own = schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;
  const nested = own.items?.properties === undefined ? rowsOf(own, `${key}.`) : rowsOf(own.items, `${key}[].`);
  const row = [code(key), valuesOf(own), schema.description ?? own.description ?? ''];
  return [row, ...nested];
}

/** Lists that long are written elsewhere. */
const MOST_VALUES = 8;

function valuesOf({ type, enum: values, const: only, items, minimum, exclusiveMinimum, maximum }: JsonSchema): string {
  if (only !== undefined) return code(only);
  if (values !== undefined) {
    return values.length > MOST_VALUES ? 'a [code](errors.md#findings)' : values.map(code).join(', ');
  }
  if (type === 'array') return `list of ${items?.type === 'object' ? 'mappings' : (items?.type ?? 'values')}`;
  const low =
    exclusiveMinimum !== undefined ? `above ${exclusiveMinimum}` : minimum !== undefined ? `from ${minimum}` : '';
  const bounds = [low, maximum === undefined || maximum > 1e6 ? '' : `to ${maximum}`].filter((text) => text !== '');
  return [type === 'object' ? 'mapping' : (type ?? ''), ...bounds].join(' ');
}

function profileRows(): readonly (readonly string[])[] {
  const entries = [['every other', {}] as const, ...Object.entries(BUILT_IN_PROFILES)];
  return entries.map(([host, overrides]) => {
    const profile = { ...DEFAULT_PROFILE, ...overrides };
    return [
      host === 'every other' ? host : code(host),
      profile.listing,
      profile.requestsPerSecond === null ? 'no cap' : String(profile.requestsPerSecond),
      profile.budgets.map(budgetText).join('; '),
      String(profile.concurrency),
      profile.ownMount ? 'yes' : 'no',
      profile.authHosts.map(code).join(', '),
    ];
  });
}

function budgetText({ requests, windowMs, actions }: Quota): string {
  const whose = actions === null ? '' : ` (${actions.map(code).join(', ')})`;
  return `${requests} in ${windowMs / 1000} s${whose}`;
}
