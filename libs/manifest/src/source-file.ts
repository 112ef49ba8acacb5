// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { decodeText } from './decode-text.ts';
import { FileFindings } from './file-findings.ts';
import type { Finding } from './finding.ts';
import type { InputLimits } from './input-limits.ts';
import { NodeReader } from './node-reader.ts';
import { parseYaml } from './parse-yaml.ts';
import { SourceText } from './source-text.ts';
import type { TreeFile } from './tree-source.ts';
import type { YamlNode } from './yaml-node.ts';

/** A file of the tree after parsing; `document` is null where the findings say why. */
export interface SourceFile {
  readonly sha256: string;
  readonly reader: NodeReader;
  readonly document: { readonly root: YamlNode | null } | null;
}

/** What a file is called, whose it is, and how large it may be. */
export interface SourceFileOptions {
  readonly file: string;
  readonly project: string | null;
  readonly limits: InputLimits;
}

/** Decodes and parses what was read of a file. An absent file is for the caller to judge: here it is empty. */
export async function parseSourceFile(read: TreeFile, options: SourceFileOptions): Promise<SourceFile> {
  if (read.kind !== 'bytes') return unreadSource(read, options);
  const { text, fault } = decodeText(read.bytes);
  const findings = new FileFindings(new SourceText(options.file, text), options.project);
  if (fault !== null) findings.add(fault.code, fault.offset, fault.text);
  const sha256 = createHash('sha256').update(read.bytes).digest('hex');
  const document = fault === null ? await parseYaml(findings, options.limits) : null;
  return { sha256, reader: new NodeReader(findings), document };
}

function unreadSource(read: Exclude<TreeFile, { kind: 'bytes' }>, options: SourceFileOptions): SourceFile {
  const findings = new FileFindings(new SourceText(options.file, ''), options.project);
  if (read.kind === 'too-large') {
    const message = `${read.sizeBytes} bytes, the limit is ${options.limits.maxBytes}`;
    findings.add('too-large', 0, { message, value: String(read.sizeBytes) });
  } else if (read.kind === 'unreadable') {
    findings.add('unreadable-file', 0, { message: `cannot be read: ${read.reason}`, value: '' });
  }
  return { sha256: '', reader: new NodeReader(findings), document: null };
}

/** The findings of a file so far. */
export function findingsOf(file: SourceFile): readonly Finding[] {
  return file.reader.findings.list;
}
