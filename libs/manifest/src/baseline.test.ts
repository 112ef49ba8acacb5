// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { appFiles, digestOf, placesOf, readFiles } from '../test/tree-fixture.ts';
import { BASELINE_FILE, hasErrors, makeFinding, printBaseline, readBaseline } from './index.ts';

const BAD = `ha256:${'3'.repeat(64)}`;
const IMAGES = `- name: app\n  dmap:\n    "${digestOf('1')}": ["1.0"]\n    "${BAD}": ["1.1"]\n`;
const entry = (code: string, value: string, file = 'images/app/images.yaml'): string =>
  `  - code: ${code}\n    file: ${file}\n    value: ${JSON.stringify(value)}\n    reason: known\n`;
const baseline = (...entries: string[]): string => `apiVersion: promograph/v1\naccepted:\n${entries.join('')}`;
const directory = mkdtempSync(join(tmpdir(), 'promograph-baseline-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('a baseline', () => {
  it('turns an accepted finding into a warning and leaves the project usable', async () => {
    const tree = await readFiles({ ...appFiles(IMAGES), [BASELINE_FILE]: baseline(entry('invalid-digest', BAD)) });

    expect(tree.findings).toMatchObject([{ code: 'invalid-digest', severity: 'warning', isBaselined: true }]);
    expect([hasErrors(tree.findings), tree.projects.length]).toEqual([false, 1]);
  });

  it('is ignored when none is wanted', async () => {
    const files = { ...appFiles(IMAGES), [BASELINE_FILE]: baseline(entry('invalid-digest', BAD)) };

    expect(hasErrors((await readFiles(files, { baseline: null })).findings)).toBe(true);
  });

  it('holds however far the finding moves in its file', async () => {
    const files = { ...appFiles(`\n# moved\n\n${IMAGES}`), [BASELINE_FILE]: baseline(entry('invalid-digest', BAD)) };

    expect(hasErrors((await readFiles(files)).findings)).toBe(false);
  });

  it('accepts neither another file, nor another value, nor another code', async () => {
    const text = baseline(
      entry('invalid-digest', BAD, 'images/other/images.yaml'),
      entry('invalid-digest', 'ha256:4'),
      entry('invalid-tag', BAD),
    );
    const { findings } = await readFiles({ ...appFiles(IMAGES), [BASELINE_FILE]: text });

    expect(placesOf(findings.filter(({ severity }) => severity === 'error'))).toEqual([
      'invalid-digest 4:5',
      'baseline-stale 3:5',
      'baseline-stale 7:5',
      'baseline-stale 11:5',
    ]);
  });

  it('leaves lost images to the plan', async () => {
    const text = baseline(entry('lost-image', digestOf('1')));
    writeFileSync(join(directory, BASELINE_FILE), text);
    const read = await readBaseline(directory);
    const good = IMAGES.slice(0, IMAGES.indexOf('    "ha256'));

    expect((await readFiles(appFiles(good), { baseline: read })).findings).toEqual([]);
    expect(read.accepts('lost-image', 'images/app/images.yaml', digestOf('1'))).toBe(true);
    expect(read.accepts('lost-image', 'images/app/images.yaml', digestOf('2'))).toBe(false);
    expect(read.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('cannot accept an overlap or what makes a project unusable', async () => {
    const text = baseline(entry('overlap', 'a:b'), entry('unknown-key', 'extra'));
    const { findings } = await readFiles({ ...appFiles(`${IMAGES}  extra: 1\n`), [BASELINE_FILE]: text });

    expect(placesOf(findings.filter(({ code }) => code.startsWith('baseline-')))).toEqual([
      'baseline-refused 3:5',
      'baseline-refused 7:5',
    ]);
    expect(findings.find(({ code }) => code === 'unknown-key')?.severity).toBe('error');
  });

  it('calls entries of projects that were not asked for not stale', async () => {
    const other = entry('invalid-digest', 'ha256:9', 'images/other/images.yaml');
    const files = {
      ...appFiles(IMAGES),
      'manifests/other/promoter-manifest.yaml': '',
      'images/other/images.yaml': '',
      [BASELINE_FILE]: baseline(entry('invalid-digest', BAD), other),
    };

    expect(hasErrors((await readFiles(files, { projects: ['app'] })).findings)).toBe(false);
  });

  it.each([
    ['an unknown key', `${baseline()}  []\nignored: 1\n`, 'unknown-key 4:1'],
    ['a newer version', 'apiVersion: promograph/v2\n', 'version-unsupported 1:13'],
    ['an entry without a value', `${baseline()}  - code: invalid-tag\n    file: x\n`, 'missing-key 3:5'],
    ['a misspelt code', baseline(entry('invalid-digst', BAD)), 'baseline-unknown-code 3:11'],
    ['broken YAML', 'accepted: [\n', 'yaml-syntax 2:1'],
  ])('with %s is an error itself', async (_name, text, place) => {
    const { findings } = await readFiles({ ...appFiles(''), [BASELINE_FILE]: text });

    expect(placesOf(findings)).toEqual([place]);
    expect(findings[0]?.at.file).toBe(BASELINE_FILE);
  });

  it('that was named and is absent throws', async () => {
    const absent = join(directory, 'absent.yaml');
    await expect(readBaseline(directory, absent)).rejects.toMatchObject({ code: 'MANIFEST_FILE_UNREADABLE' });
  });
});

describe('printBaseline', () => {
  it('accepts all that can be accepted, so that reading again finds no error', async () => {
    const images = `${IMAGES}    "${digestOf('2')}": [".x", ".x", ".y"]\n- name: Upper\n  dmap: {}\n`;
    const before = await readFiles(appFiles(images));
    const text = printBaseline(before.findings);
    const after = await readFiles({ ...appFiles(images), [BASELINE_FILE]: text });

    expect(hasErrors(before.findings)).toBe(true);
    expect(hasErrors(after.findings)).toBe(false);
    expect(printBaseline(after.findings)).toBe(text);
  });

  it('leaves out fatal findings, overlaps and findings about the baseline', () => {
    const at = { file: 'images/app/images.yaml', line: 1, column: 1 };
    const codes = ['unknown-key', 'overlap', 'baseline-stale', 'repeated-tag'] as const;
    const findings = codes.map((code) => makeFinding(code, at, { message: 'm', value: 'v' }));

    expect(printBaseline(findings)).toBe('apiVersion: promograph/v1\naccepted: []\n');
  });

  it('keeps acknowledged lost images and reasons of the previous file', async () => {
    const file = join(directory, 'previous.yaml');
    const text = baseline(
      entry('invalid-digest', BAD),
      entry('invalid-tag', 'gone'),
      entry('lost-image', digestOf('1')),
    );
    writeFileSync(file, text);
    const previous = await readBaseline(directory, file);
    const { findings } = await readFiles(appFiles(IMAGES));

    expect(printBaseline(findings, previous)).toBe(
      baseline(entry('invalid-digest', BAD), entry('lost-image', digestOf('1')))
        .replaceAll('file: images/app/images.yaml', 'file: "images/app/images.yaml"')
        .replaceAll('reason: known', 'reason: "known"'),
    );
  });
});
