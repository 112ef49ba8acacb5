// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { redactText } from '@promograph/errors';
import type { YamlNode } from './yaml-node.ts';
import type { z } from 'zod';
import { API_VERSION, checkApiVersion } from './api-version.ts';
import type { PromographConfig } from './config.ts';
import { configSchema } from './config-schema.ts';
import { directorySource, readBounded } from './directory-source.ts';
import { type Finding, hasErrors, sortFindings } from './finding.ts';
import { DEFAULT_INPUT_LIMITS } from './input-limits.ts';
import { ManifestError } from './manifest-error.ts';
import { type NodeReader, offsetOf } from './node-reader.ts';
import { noteConfigIssue } from './note-config-issue.ts';
import { noteTrustProblems } from './note-trust-problems.ts';
import { locateValue, plainValueOf, fieldOf } from './plain-value.ts';
import { parseSourceFile } from './source-file.ts';
import type { TreeFile, TreeSource } from './tree-source.ts';
import { trustSettingsOf } from './trust-settings-of.ts';

/** Name of the settings file at the root of a tree. */
export const CONFIG_FILE = 'promograph.yaml';

/** The settings, defaults filled in, and what is wrong with the file; with an error the settings are the defaults. */
export interface ReadConfig {
  readonly config: PromographConfig;
  readonly findings: readonly Finding[];
}

/** Parses the text of a `promograph.yaml`; `file` names it in findings. */
export function parseConfig(text: string, file: string = CONFIG_FILE): Promise<ReadConfig> {
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

async function configFrom(read: TreeFile, file: string): Promise<ReadConfig> {
  if (read.kind === 'absent') return { config: defaults(null), findings: [] };
  const parsed = await parseSourceFile(read, { file, project: null, limits: DEFAULT_INPUT_LIMITS });
  const { reader, sha256 } = parsed;
  const checked = parsed.document === null ? null : checkConfig(reader, parsed.document.root);
  const findings = sortFindings(reader.findings.list);
  if (checked === null || hasErrors(findings)) return { config: defaults(sha256), findings };
  const { registries = {}, limiter } = checked;
  const config: PromographConfig = {
    apiVersion: API_VERSION,
    registries,
    limiter: { ...limiter, store: limiter?.store ?? 'sqlite' },
    ...trustSettingsOf(checked),
    sha256,
  };
  return { config, findings };
}

function defaults(sha256: string | null): PromographConfig {
  return { apiVersion: API_VERSION, registries: {}, limiter: { store: 'sqlite' }, ...trustSettingsOf(), sha256 };
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
    for (const issue of result.error.issues) noteConfigIssue({ reader, root, value }, issue);
    return null;
  }
  noteStore(reader, root, result.data.limiter?.store ?? 'sqlite');
  noteTrustProblems(reader, root, result.data);
  return result.data;
}

/** The file is reviewed by many and kept for ever: no place for a secret. */
function noteStore(reader: NodeReader, root: YamlNode, store: string): void {
  const isPasswordInside = URL.canParse(store) && new URL(store).password !== '';
  if (!isPasswordInside) return;
  const { offset, text } = locateValue(root, ['limiter', 'store']);
  const message = 'the URL of the store has a password in it';
  reader.findings.add('store-password', offset, { message, value: redactText(text) });
}
