// SPDX-License-Identifier: Apache-2.0
import { Composer, CST, Lexer, Parser } from 'yaml';
import { convertNode } from './convert-node.ts';
import type { FileFindings } from './file-findings.ts';
import type { InputLimits } from './input-limits.ts';
import type { ParsedYaml } from './parse-yaml.ts';
import type { YamlNode } from './yaml-node.ts';

/** Tags that say what the value is anyway. */
const HARMLESS_TAGS: ReadonlySet<string> = new Set(['!', '!!str', '!!map', '!!seq']);

/**
 * Parses any YAML document with failsafe scalars. Null when a finding makes the file unusable.
 * Depth, token count, aliases and tags are judged from the token stream, before anything recursive runs.
 */
export function parseFullYaml(findings: FileFindings, limits: InputLimits): ParsedYaml | null {
  const before = findings.list.length;
  const tokens = readTokens(findings, limits);
  if (tokens === null || findings.list.length > before) return null;
  const root = compose(tokens, findings);
  return findings.list.length > before ? null : { root };
}

function readTokens(findings: FileFindings, limits: InputLimits): CST.Token[] | null {
  const tokens: CST.Token[] = [];
  const parser = new Parser();
  let count = 0;
  let isScalar = false;
  for (const lexeme of new Lexer().lex(findings.source.text)) {
    if (++count > limits.maxTokens) {
      findings.add('too-large', parser.offset, { message: `more than ${limits.maxTokens} tokens`, value: '' });
      return null;
    }
    if (!isScalar) checkIndicator(lexeme, parser.offset, findings);
    isScalar = lexeme === CST.SCALAR;
    for (const token of parser.next(lexeme)) tokens.push(token);
    const tooDeep =
      parser.stack.length > limits.maxDepth ? parser.stack.filter(isCollection)[limits.maxDepth] : undefined;
    if (tooDeep !== undefined) {
      findings.add('too-deep', tooDeep.offset, { message: `nested deeper than ${limits.maxDepth} levels`, value: '' });
      return null;
    }
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

function isCollection({ type }: CST.Token): boolean {
  return type === 'block-map' || type === 'block-seq' || type === 'flow-collection';
}

function checkIndicator(lexeme: string, offset: number, findings: FileFindings): void {
  if (lexeme.startsWith('*')) {
    findings.add('yaml-alias', offset, { message: `alias ${lexeme} is refused`, value: lexeme });
  } else if (lexeme.startsWith('!') && !HARMLESS_TAGS.has(lexeme)) {
    findings.add('yaml-tag', offset, { message: `tag ${lexeme} is refused`, value: lexeme });
  }
}

function compose(tokens: readonly CST.Token[], findings: FileFindings): YamlNode | null {
  const documents = tokens.filter((token) => token.type === 'document');
  const second = documents[1];
  if (second !== undefined) {
    findings.add('multiple-documents', second.offset, { message: 'a second document starts here', value: '---' });
    return null;
  }
  // Duplicate keys are found by the readers: the library's own check compares every key with every other.
  const composer = new Composer({ schema: 'failsafe', version: '1.2', strict: true, uniqueKeys: false });
  let root: YamlNode | null = null;
  for (const document of composer.compose(tokens, true, findings.source.text.length)) {
    root = convertNode(document.contents);
    // One mistake makes several of these; the first is the one to mend.
    const [problem] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
    if (problem === undefined) continue;
    const { text } = findings.source;
    const hint = isAfterTab(text, problem.pos[0])
      ? { hint: 'This line starts with a tab: YAML is indented with spaces only.' }
      : {};
    findings.add('yaml-syntax', problem.pos[0], { message: problem.message, value: problem.code, ...hint });
  }
  return root;
}

/** Whether a tab is in the indentation of the line that `offset` is in: what is wrong there is that tab, whatever is said. */
function isAfterTab(text: string, offset: number): boolean {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ ]*\t/.test(text.slice(start));
}
