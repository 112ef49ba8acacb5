// SPDX-License-Identifier: Apache-2.0
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf, REGISTRIES } from '../test/tree-fixture.ts';
import { FileFindings } from './file-findings.ts';
import { DEFAULT_INPUT_LIMITS } from './input-limits.ts';
import { parseFullYaml } from './parse-full-yaml.ts';
import type { ParsedYaml } from './parse-yaml.ts';
import { scanBlockYaml } from './scan-block-yaml.ts';
import { SourceText } from './source-text.ts';
import type { YamlNode } from './yaml-node.ts';

const scan = (text: string): ParsedYaml | null => scanBlockYaml(text, DEFAULT_INPUT_LIMITS);
const parse = (text: string): { root: YamlNode | null; problems: string[] } => {
  const findings = new FileFindings(new SourceText('f', text), null);
  const parsed = parseFullYaml(findings, DEFAULT_INPUT_LIMITS);
  return { root: parsed?.root ?? null, problems: findings.list.map(({ code, message }) => `${code} ${message}`) };
};

/** Whatever the scanner gives must be what the full parser gives, without a finding. */
function expectSame(text: string): boolean {
  const scanned = scan(text);
  if (scanned === null) return false;
  expect({ ...scanned, problems: [] }, JSON.stringify(text)).toEqual(parse(text));
  return true;
}

/** Usual pieces, and now and then one that is beyond the style or on its border. */
const mostly = (usual: readonly string[], odd: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...usual) }, fc.constantFrom(...odd));

const scalar = mostly(
  ['a', 'sha256:ab', '"a b"', "'c'", '1.10', 'null', '[a, "b"]', '[]', '[ a,b ]', '""', ''],
  [
    '[a, ]',
    'a: b',
    'a#b',
    '"a"#b',
    "'it''s'",
    '"\\n"',
    '"a" b',
    '{}',
    '&x a',
    '|',
    '- a',
    'a:',
    '[a:b]',
    '[[a]]',
    '~',
    '-1',
    ':a',
    'é',
  ],
);
const key = mostly(
  ['name', 'dmap', '"k"', "'k'", 'sha256:ab', 'k:k', '"x: y"'],
  ['a b', 'k#', '? k', '[k]', '"a\'b"', 'é', '-k', '"k" '],
);
const indent = mostly(['', '  ', '    '], [' ', '   ', '      ']);
const dash = mostly(['', '', '- '], ['-   ', '- - ', '-']);
const tail = mostly(['', '', '', ' # c'], [' ', '#', '  ']);
const line = fc.tuple(indent, dash, key, fc.constant(': '), scalar, tail).map((parts) => parts.join('').trimEnd());
const word = mostly(['- a', '- [a]', '- "q"', '', '# c'], ['-', 'a', '---', '...', '- ', '%x', '- a b']);
const other = fc.tuple(indent, word).map((parts) => parts.join(''));
const text = fc
  .tuple(fc.array(fc.oneof({ weight: 4, arbitrary: line }, other), { maxLength: 6 }), fc.constantFrom('\n', '', '\n\n'))
  .map(([lines, end]) => lines.join('\n') + end);

describe('scanBlockYaml', () => {
  it.each<[string, string]>([
    ['a promoter manifest', REGISTRIES],
    ['a list at the indentation of its key', `a:\n- b: c\n  d: e\n- f\n`],
    ['a list below its key', `a:\n  - b: "c"\n    d:\n      - e # comment\n`],
    [
      'images with comments and empty lines',
      `# c\n\n- name: a\n  dmap: # d\n    # e\n    "${digestOf('1')}": ["1.0", '2']  # f\n    ${digestOf('2')}: []\n`,
    ],
    ['no line end at the end', '- name: a'],
    ['nothing', ''],
    ['nothing but comments', '# c\n\n  # d\n'],
  ])('reads %s as the full parser does', (_name, yaml) => {
    expect(expectSame(yaml)).toBe(true);
  });

  it.each([
    '#\tc\n',
    'a:\n',
    'a: b\n  c\n',
    'a: *b\n',
    'a: !t b\n',
    'a: |\n  b\n',
    '- - a\n',
    'a: {b: c}\n',
    'a: b\r\n',
    'a:\tb\n',
    '---\na: b\n',
    'a: "\\x41"\n',
    'a: b: c\n',
    'a b\n',
    'a:\n    b: 1\n  c: 2\n',
    '  a: 1\nb: 2\n',
  ])('leaves %j to the full parser', (yaml) => {
    expect(scan(yaml)).toBeNull();
  });

  it('never differs from the full parser where it does not give up', () => {
    let read = 0;
    fc.assert(
      fc.property(text, (yaml) => {
        if (expectSame(yaml)) read++;
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(100);
  });

  it('gives up beyond the limits, which the full parser then reports', () => {
    const deep = Array.from({ length: 70 }, (_, index) => `${' '.repeat(index)}a:\n`).join('');

    expect(scan(`${deep}${' '.repeat(70)}a: b\n`)).toBeNull();
    expect(scanBlockYaml('a: [b, c, d, e, f]\n', { ...DEFAULT_INPUT_LIMITS, maxTokens: 8 })).toBeNull();
  });

  it('reads the worked tree of this repository without the full parser', () => {
    const root = join(import.meta.dirname, '../../..');
    const files = globSync('{manifests,images}/*/*.yaml', { cwd: root }).filter((file) => existsSync(join(root, file)));

    for (const file of files) expect(expectSame(readFileSync(join(root, file), 'utf8')), file).toBe(true);
  });
});
