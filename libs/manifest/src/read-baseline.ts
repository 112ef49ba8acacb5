// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import type { YamlNode } from './yaml-node.ts';
import { Baseline, BASELINE_FILE, type BaselineEntry } from './baseline.ts';
import { suggestName } from './closest-name.ts';
import { directorySource, readBounded } from './directory-source.ts';
import { FINDING_CODES, isFindingCode } from './finding-codes.ts';
import { checkApiVersion } from './api-version.ts';
import { DEFAULT_INPUT_LIMITS, type InputLimits } from './input-limits.ts';
import { ManifestError } from './manifest-error.ts';
import { type MappingShape, type NodeReader, offsetOf } from './node-reader.ts';
import { parseSourceFile } from './source-file.ts';
import type { TreeFile, TreeSource } from './tree-source.ts';

const FILE: MappingShape = { what: 'the baseline', keys: ['apiVersion', 'accepted'] };
const ACCEPTED: MappingShape = { what: 'an accepted finding', keys: ['code', 'file', 'value', 'reason'] };

/**
 * Reads the accepted findings of the tree at `root`, or those of `explicitFile` (relative to the working directory). No
 * file at the root is an empty baseline. Errors: `MANIFEST_ROOT_UNREADABLE`, `MANIFEST_FILE_UNREADABLE`.
 */
export async function readBaseline(root: string, explicitFile?: string): Promise<Baseline> {
  if (explicitFile === undefined) return readBaselineFrom(await directorySource(root));
  const path = resolve(explicitFile);
  const read = readBounded(path, { maxBytes: DEFAULT_INPUT_LIMITS.maxBytes, followLinks: true });
  if (read.kind === 'absent' || read.kind === 'unreadable') {
    const reason = read.kind === 'absent' ? 'no such file' : read.reason;
    throw new ManifestError('MANIFEST_FILE_UNREADABLE', `cannot read the baseline ${path}: ${reason}`);
  }
  return parseBaseline(read, explicitFile, DEFAULT_INPUT_LIMITS);
}

/** `readBaseline` for any source of files. */
export async function readBaselineFrom(source: TreeSource, limits?: Partial<InputLimits>): Promise<Baseline> {
  const bounds = { ...DEFAULT_INPUT_LIMITS, ...limits };
  return parseBaseline(await source.read(BASELINE_FILE, bounds.maxBytes), BASELINE_FILE, bounds);
}

async function parseBaseline(read: TreeFile, file: string, limits: InputLimits): Promise<Baseline> {
  if (read.kind === 'absent') return new Baseline({ sha256: null, entries: [], findings: [] });
  const parsed = await parseSourceFile(read, { file, project: null, limits });
  const { reader } = parsed;
  const entries = parsed.document === null ? [] : readEntries(reader, parsed.document.root);
  return new Baseline({ sha256: parsed.sha256, entries, findings: reader.findings.list });
}

function readEntries(reader: NodeReader, root: YamlNode | null): BaselineEntry[] {
  const fields = reader.fields(root, 0, FILE);
  if (fields === null) return [];
  checkApiVersion(reader, fields.get('apiVersion'), offsetOf(root, 0));
  const accepted = fields.get('accepted');
  if (accepted === undefined) return [];
  const items = reader.items(accepted.value, accepted.key.offset, 'accepted') ?? [];
  return items.map((item) => readEntry(reader, item, accepted.key.offset)).filter((entry) => entry !== null);
}

function readEntry(reader: NodeReader, item: YamlNode | null, at: number): BaselineEntry | null {
  const fields = reader.fields(item, at, ACCEPTED);
  if (fields === null) return null;
  const place = offsetOf(item, at);
  for (const key of ['code', 'file', 'value'].filter((required) => !fields.has(required))) {
    reader.missingKey(key, place, 'an accepted finding');
  }
  const [code, file, value] = ['code', 'file', 'value'].map((key) => reader.text(fields.get(key), key));
  const reason = reader.text(fields.get('reason'), 'reason');
  if (!code || !file || !value) return null;
  if (!isFindingCode(code.text)) {
    const hint = suggestName(code.text, Object.keys(FINDING_CODES));
    const message = `unknown code: ${code.text}`;
    reader.findings.add('baseline-unknown-code', code.offset, { message, value: code.text, hint });
    return null;
  }
  const position = reader.findings.source.position(place);
  return { code: code.text, file: file.text, value: value.text, reason: reason?.text ?? null, at: position };
}
