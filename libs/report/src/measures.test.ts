// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { count, printBytes, printDuration } from './measures.ts';

describe('printBytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [1024 * 1024 - 1, '1.0 MiB'],
    [12.34 * 1024 ** 2, '12.3 MiB'],
    [5 * 1024 ** 3, '5.0 GiB'],
    [3 * 1024 ** 4, '3.0 TiB'],
    [5000 * 1024 ** 4, '5000.0 TiB'],
  ])('prints %d as %s', (bytes, text) => {
    expect(printBytes(bytes)).toBe(text);
  });
});

describe('printDuration', () => {
  it.each([
    [0, '0 ms'],
    [850.4, '850 ms'],
    [1000, '1.0 s'],
    [12_340, '12.3 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min 0 s'],
    [245_000, '4 min 5 s'],
  ])('prints %d ms as %s', (ms, text) => {
    expect(printDuration(ms)).toBe(text);
  });
});

describe('count', () => {
  it.each([
    [0, '0 edges'],
    [1, '1 edge'],
    [2, '2 edges'],
  ])('counts %d', (amount, text) => {
    expect(count(amount, 'edge')).toBe(text);
  });
});
