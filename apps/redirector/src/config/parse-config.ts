// SPDX-License-Identifier: Apache-2.0
import { checkConfig, type ConfigIssue, type RedirectConfig } from '@promograph/redirect';
import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { RedirectorError } from '../redirector-error.ts';

/** Reads a configuration. Error: `REDIRECTOR_CONFIG_INVALID` with `file:line:column: fault` in each line. */
export function parseConfig(text: string, file: string): RedirectConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, merge: false });
  const printAt = (offset: number, message: string): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}: ${message}`;
  };
  const syntax = [...document.errors, ...document.warnings].map(({ pos, message }) => printAt(pos[0], message));
  if (syntax.length > 0) throw invalid(syntax);
  const checked = checkConfig(plainValue(document, file));
  if (checked.isValid) return checked.config;
  throw invalid(checked.issues.map((issue) => printAt(offsetOf(document, issue), issue.message)));
}

/** Aliases are not needed here, and a few lines of them can stand for gigabytes. */
function plainValue(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw invalid([`${file}:1:1: aliases are not allowed`], cause);
  }
}

function offsetOf(document: Document.Parsed, issue: ConfigIssue): number {
  const parent = document.getIn(issue.path.slice(0, -1), true) ?? document.contents;
  const last = issue.path.at(-1);
  const pair = isMap(parent)
    ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(last))
    : undefined;
  if (pair !== undefined && (issue.isKey || !isNode(pair.value))) return startOf(pair.key);
  // What is missing is missing in the innermost mapping that is there.
  for (let depth = issue.path.length; depth > 0; depth -= 1) {
    const node = document.getIn(issue.path.slice(0, depth), true);
    if (isNode(node)) return startOf(node);
  }
  return startOf(document.contents);
}

function startOf(node: unknown): number {
  return isNode(node) ? ((node as Node).range?.[0] ?? 0) : 0;
}

function invalid(lines: readonly string[], cause?: unknown): RedirectorError {
  return new RedirectorError('REDIRECTOR_CONFIG_INVALID', lines.join('\n'), cause === undefined ? {} : { cause });
}
