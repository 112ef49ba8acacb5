// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { LaggardHosts, patienceMs } from './fan-out-laggards.ts';

const policy = { blockedMs: 2000, share: 0.25 };

describe('patienceMs', () => {
  it.each([
    ['one as fast as the others has all of it', 0, 100, 2000],
    ['time in which it starved others is taken off', 1500, 100, 500],
    ['one below a quarter of the median has a quarter of it', 0, 24, 500],
    ['one at a quarter of the median has all of it', 0, 25, 2000],
    ['one that never sent anything is far behind', 0, 0, 500],
    ['it may be used up', 600, 10, -100],
  ])('%s', (_, blockedMs, bytesPerMs, expected) => {
    const branch = { blockedMs, bytesPerMs };
    const others = [90, 100, 110].map((rate) => ({ blockedMs: 0, bytesPerMs: rate }));

    expect(patienceMs(branch, [branch, ...others], policy)).toBe(expected);
  });
});

describe('LaggardHosts', () => {
  it('knows a host as long as one of its uploads is fed from disk', () => {
    const hosts = new LaggardHosts();
    hosts.enter('a');
    hosts.enter('a');
    hosts.leave('a');
    expect(hosts.has('a')).toBe(true);

    hosts.leave('a');

    expect(hosts.has('a')).toBe(false);
  });
});
