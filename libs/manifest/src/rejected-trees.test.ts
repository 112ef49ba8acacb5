// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fullPlacesOf } from '../test/tree-fixture.ts';
import { FINDING_CODES, hasErrors, readConfig, readTree } from './index.ts';

const ROOT = join(import.meta.dirname, '../../../e2e/manifests-rejected');
const CASES = readdirSync(ROOT).sort();

interface Expected {
  readonly code: string;
  readonly at: string;
}

const expectedOf = (name: string): Expected[] =>
  JSON.parse(readFileSync(join(ROOT, name, 'expected.json'), 'utf8')) as Expected[];

/** Codes that a small committed tree cannot show: they need a size, a permission, a question, or a plan. */
const SHOWN_ELSEWHERE = ['overlap', 'too-large', 'unreadable-file', 'unknown-project'];

describe('trees with one mistake each', () => {
  it.each(CASES)('%s is refused at the right place and for nothing else', async (name) => {
    const tree = await readTree(join(ROOT, name));
    const { findings } = await readConfig(join(ROOT, name));
    const all = [...tree.findings, ...findings];

    const expected = expectedOf(name).map(({ code, at }) => `${code} ${at}`);
    expect(fullPlacesOf(all).sort()).toEqual(expected.sort());
    expect(hasErrors(all)).toBe(true);
  });

  it('shows every code that is an error', () => {
    const shown = new Set(CASES.flatMap(expectedOf).map(({ code }) => code));
    const errors = Object.entries(FINDING_CODES).filter(([, { severity }]) => severity === 'error');

    const missing = errors.map(([code]) => code).filter((code) => !shown.has(code));
    expect(missing.sort()).toEqual(SHOWN_ELSEWHERE.toSorted());
  });
});
