// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { EXIT_CODES, EXIT_CODE_MEANINGS, cipExitCodeOf, exitCodeOf, type Outcome } from './exit-code.ts';

describe('exitCodeOf', () => {
  it.each<[string, readonly Outcome[], number]>([
    ['nothing to tell is success', [], 0],
    ['done is 0', ['done'], 0],
    ['a bug is 1', ['bug'], 1],
    ['pending changes are 2', ['changes'], 2],
    ['wrong input is 3', ['input'], 3],
    ['a refusal is 4', ['refused'], 4],
    ['partly done is 5', ['partial'], 5],
    ['outside trouble is 6', ['outside'], 6],
    ['an interruption is 130', ['interrupted'], 130],
  ])('%s', (_, outcomes, expected) => {
    expect(exitCodeOf(outcomes)).toBe(expected);
  });

  it('lets the first of 130 > 1 > 3 > 4 > 6 > 5 > 2 > 0 win, in whatever order outcomes come', () => {
    const order = [130, 1, 3, 4, 6, 5, 2, 0];
    const outcomes = Object.keys(EXIT_CODES) as Outcome[];
    for (const left of outcomes) {
      for (const right of outcomes) {
        const expected = order.find((code) => code === EXIT_CODES[left] || code === EXIT_CODES[right]);
        expect(exitCodeOf([left, right])).toBe(expected);
        expect(exitCodeOf([right, left])).toBe(expected);
      }
    }
  });

  it('explains every code once', () => {
    const explained = EXIT_CODE_MEANINGS.map(([code]) => code);
    expect(explained).toEqual([...new Set(Object.values(EXIT_CODES))].sort((left, right) => left - right));
  });
});

describe('cipExitCodeOf', () => {
  it.each<[string, readonly Outcome[], number]>([
    ['success is 0', ['done'], 0],
    ['pending changes are 0', ['changes'], 0],
    ['a bug is 1', ['bug'], 1],
    ['wrong input is 1', ['input'], 1],
    ['a tag move is 1', ['refused'], 1],
    ['a failed copy is 1', ['partial'], 1],
    ['a registry that cannot be read is 1', ['outside', 'done'], 1],
    ['what is not available is 3', ['unavailable', 'refused'], 3],
    ['an interruption is 130', ['bug', 'interrupted'], 130],
  ])('%s', (_, outcomes, expected) => {
    expect(cipExitCodeOf(outcomes)).toBe(expected);
  });
});
