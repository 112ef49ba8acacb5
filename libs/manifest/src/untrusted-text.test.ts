// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appFiles, digestOf, placesOf, readFiles } from '../test/tree-fixture.ts';
import { isFindingCode, parseConfig, printableText } from './index.ts';
import { closestName, suggestName } from './closest-name.ts';
import { decodeText } from './decode-text.ts';
import { SourceText } from './source-text.ts';

const pieces = [
  '- ',
  'name',
  ': ',
  'dmap',
  '\n',
  '  ',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  ',',
  '&a ',
  '*a',
  '!t ',
  '#',
  '|',
  '>',
  '? ',
  '---\n',
  '%YAML 1.1\n',
  digestOf('1'),
  'a',
  '\t',
  '\r\n',
  '\u0000',
  '<<',
  '~',
  '@',
  '`',
];

describe('arbitrary text', () => {
  it('never makes a reader throw, and every finding has a place inside the file', async () => {
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(text, async (yaml) => {
        const files = { ...appFiles(yaml, yaml), 'promograph-baseline.yaml': yaml };
        const findings = [...(await readFiles(files)).findings, ...(await parseConfig(yaml)).findings];

        for (const { at, code } of findings) {
          expect(isFindingCode(code)).toBe(true);
          const line = yaml.split('\n')[at.line - 1];
          expect(line, `${code} at ${at.line}:${at.column}`).toBeDefined();
          expect(at.column - 1).toBeLessThanOrEqual(line?.length ?? -1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never makes a reader throw when it is bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
        await expect(readFiles(appFiles(bytes))).resolves.toBeDefined();
      }),
      { numRuns: 100 },
    );
  });
});

describe('decodeText', () => {
  it.each([
    ['a lone continuation byte', [0x61, 0x80], 1],
    ['a cut sequence', [0x61, 0x62, 0xe2, 0x82], 2],
    ['a surrogate', [0x61, 0xed, 0xa0, 0x80], 1],
    ['a bad byte behind a real replacement character', [0xef, 0xbf, 0xbd, 0xff], 1],
    ['a bad byte behind a byte order mark', [0xef, 0xbb, 0xbf, 0x61, 0xff], 1],
  ])('finds %s', (_name, bytes, offset) => {
    expect(decodeText(Uint8Array.from(bytes)).fault).toMatchObject({ code: 'invalid-encoding', offset });
  });

  it.each(['\u0000', '\u001b', '\u007f', '\u0085', '\u2028', '\u2029', '\r', '\ufeff'])(
    'refuses the control %j inside',
    (control) => {
      const { fault } = decodeText(new TextEncoder().encode(`é${control}x`));

      expect(fault).toMatchObject({ code: 'control-character', offset: 1 });
    },
  );

  it('drops a byte order mark and keeps tabs, line ends and letters beyond ASCII', () => {
    expect(decodeText(new TextEncoder().encode('\ufeffé\t\r\n안'))).toEqual({ text: 'é\t\r\n안', fault: null });
  });
});

describe('YAML that other readers take differently', () => {
  it.each([
    ['a merge key', '- name: app\n  dmap:\n    <<: {}\n', 'invalid-digest 3:5'],
    ['an explicit int tag', '- name: !!int 1\n  dmap: {}\n', 'yaml-tag 1:9'],
    ['a mapping as a key', '- {a: b}: c\n', 'wrong-type 1:3'],
    ['version 1.1', `%YAML 1.1\n---\n- name: yes\n  dmap: {}\n`, 'empty-dmap 4:3'],
  ])('%s has its finding', async (_name, text, place) => {
    expect(placesOf((await readFiles(appFiles(text))).findings)).toContain(place);
  });
});

describe('YAML with a tab in its indentation', () => {
  it('is told to take spaces, whatever the parser calls it', async () => {
    const { findings } = await readFiles(appFiles('- name: app\n\tdmap:\n\t\tx: []\n'));

    expect(findings).toMatchObject([{ code: 'yaml-syntax', at: { line: 2 }, hint: expect.stringContaining('tab') }]);
  });

  it('is not suspected where there is none', async () => {
    const { findings } = await readFiles(appFiles('- name: app\n  dmap: [\tx\n'));

    expect(findings).toMatchObject([{ code: 'yaml-syntax', hint: expect.not.stringContaining('tab') }]);
  });
});

describe('places and names', () => {
  it('count lines and columns from 1, up to the end of the text', () => {
    const text = new SourceText('f', 'ab\n\ncd');

    expect(
      [0, 2, 3, 4, 6, 99].map((offset) => text.position(offset)).map(({ line, column }) => [line, column]),
    ).toEqual([
      [1, 1],
      [1, 3],
      [2, 1],
      [3, 1],
      [3, 3],
      [3, 3],
    ]);
  });

  it('are made printable and bounded', () => {
    expect(printableText('a\u001b[31m\u202eb\n')).toBe('a\\u{1b}[31m\\u{202e}b\\u{a}');
    expect(printableText('x'.repeat(300))).toBe(`${'x'.repeat(256)}…`);
  });

  it('are suggested when they are near, and listed when they are few', () => {
    const known = ['registries', 'images', 'provenance'];

    expect(closestName('registires', known)).toBe('registries');
    expect(closestName('zzzzzzzz', known)).toBeNull();
    expect(suggestName('zzzzzzzz', known)).toBe('Known here: registries, images, provenance.');
  });
});
