// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { redactText } from '@promograph/errors';
import type { YamlNode } from './yaml-node.ts';
import { z } from 'zod';
import { API_VERSION, checkApiVersion } from './api-version.ts';
import type { PromographConfig } from './config.ts';
import { configSchema } from './config-schema.ts';
import { directorySource, readBounded } from './directory-source.ts';
import { type Finding, hasErrors, sortFindings } from './finding.ts';
import { DEFAULT_INPUT_LIMITS } from './input-limits.ts';
import { ManifestError } from './manifest-error.ts';
import { type NodeReader, offsetOf } from './node-reader.ts';
import { locateValue, plainValueOf, fieldOf } from './plain-value.ts';
import { parseSourceFile } from './source-file.ts';
import type { TreeFile, TreeSource } from './tree-source.ts';

/** Name of the settings file at the root of a tree. */
export const CONFIG_FILE = 'promograph.yaml';

/** The settings, defaults filled in, and what is wrong with the file; with an error the settings are the defaults. */
export interface ReadConfig {
  readonly config: PromographConfig;
  readonly findings: readonly Finding[];
}

/** Parses the text of a `promograph.yaml`; `file` names it in findings. */
export function parseConfig(text: string, file: string = CONFIG_FILE): ReadConfig {
  return configFrom({ kind: 'bytes', bytes: new TextEncoder().encode(text) }, file);
}

/**
 * Reads `promograph.yaml` of the tree at `root`, or `explicitFile` (relative to the working directory). No file at the
 * root means defaults. Errors: `MANIFEST_ROOT_UNREADABLE`, `MANIFEST_FILE_UNREADABLE`.
 */
export async function readConfig(root: string, explicitFile?: string): Promise<ReadConfig> {
  if (explicitFile === undefined) return readConfigFrom(await directorySource(root));
  const path = resolve(explicitFile);
  const read = readBounded(path, { maxBytes: DEFAULT_INPUT_LIMITS.maxBytes, followLinks: true });
  if (read.kind === 'absent' || read.kind === 'unreadable') {
    const reason = read.kind === 'absent' ? 'no such file' : read.reason;
    throw new ManifestError('MANIFEST_FILE_UNREADABLE', `cannot read the configuration ${path}: ${reason}`);
  }
  return configFrom(read, explicitFile);
}

/** `readConfig` for any source of files. */
export async function readConfigFrom(source: TreeSource): Promise<ReadConfig> {
  return configFrom(await source.read(CONFIG_FILE, DEFAULT_INPUT_LIMITS.maxBytes), CONFIG_FILE);
}

function configFrom(read: TreeFile, file: string): ReadConfig {
  if (read.kind === 'absent') return { config: defaults(null), findings: [] };
  const parsed = parseSourceFile(read, { file, project: null, limits: DEFAULT_INPUT_LIMITS });
  const { reader, sha256 } = parsed;
  const checked = parsed.document === null ? null : checkConfig(reader, parsed.document.root);
  const findings = sortFindings(reader.findings.list);
  if (checked === null || hasErrors(findings)) return { config: defaults(sha256), findings };
  const { registries = {}, limiter } = checked;
  const config: PromographConfig = {
    apiVersion: API_VERSION,
    registries,
    limiter: { ...limiter, store: limiter?.store ?? 'sqlite' },
    ...TRUST_DEFAULTS,
    sha256,
  };
  return { config, findings };
}

/** Nothing is signed or scanned, and staging signatures are looked at where identities are named. */
const TRUST_DEFAULTS: Pick<PromographConfig, 'signing' | 'staging' | 'attest' | 'scan' | 'replicate'> = {
  signing: null,
  staging: { signatures: 'off', identities: [] },
  attest: {
    predicateType: 'https://k8s.io/promo-tools/promotion/v1',
    verifierId: null,
    summaries: 'off',
    identity: null,
    account: null,
  },
  scan: null,
  replicate: null,
};

function defaults(sha256: string | null): PromographConfig {
  return { apiVersion: API_VERSION, registries: {}, limiter: { store: 'sqlite' }, ...TRUST_DEFAULTS, sha256 };
}

function checkConfig(reader: NodeReader, root: YamlNode | null): z.infer<typeof configSchema> | null {
  if (root?.kind !== 'map') {
    reader.wrongType(root, 0, 'the configuration must be a mapping');
    return null;
  }
  const before = reader.findings.list.length;
  checkApiVersion(reader, fieldOf(root, 'apiVersion'), offsetOf(root, 0));
  // The keys of another version are not judged by the rules of this one.
  if (reader.findings.list.slice(before).some(({ code }) => code === 'version-unsupported')) return null;
  const value = { ...(plainValueOf(reader, root) as object), apiVersion: API_VERSION };
  const result = configSchema.safeParse(value);
  if (!result.success) {
    for (const issue of result.error.issues) noteIssue(reader, root, issue);
    return null;
  }
  noteStore(reader, root, result.data.limiter?.store ?? 'sqlite');
  return result.data;
}

function noteStore(reader: NodeReader, root: YamlNode, store: string): void {
  if (!store.startsWith('redis')) return;
  const { offset, text } = locateValue(root, ['limiter', 'store']);
  const message = 'a Redis store is not supported yet';
  reader.findings.add('store-unsupported', offset, { message, value: redactText(text) });
}

function noteIssue(reader: NodeReader, root: YamlNode, issue: z.core.$ZodIssue): void {
  if (issue.code === 'unrecognized_keys') {
    const what = issue.path.length === 0 ? 'the configuration' : issue.path.join('.');
    const shape = { what, keys: knownKeys(issue.path) };
    for (const key of issue.keys) {
      const { keyOffset } = locateValue(root, [...issue.path, key]);
      reader.unknownKey({ text: key, offset: keyOffset }, shape);
    }
    return;
  }
  const place = locateValue(root, issue.path);
  const isKey = issue.code === 'invalid_key';
  const value = redactText(isKey ? String(issue.path.at(-1)) : place.text);
  const reason = isKey ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  const message = `${issue.path.join('.')}: ${reason}`;
  reader.findings.add('invalid-value', isKey ? place.keyOffset : place.offset, { message, value });
}

interface JsonSchemaNode {
  readonly properties?: Readonly<Record<string, JsonSchemaNode>>;
  readonly additionalProperties?: JsonSchemaNode | boolean;
}

/** The keys that the schema knows at a path, for the suggestion. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let node: JsonSchemaNode = z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchemaNode;
  for (const step of path) {
    const more = node.additionalProperties;
    node = node.properties?.[String(step)] ?? (typeof more === 'object' ? more : {});
  }
  return Object.keys(node.properties ?? {});
}
