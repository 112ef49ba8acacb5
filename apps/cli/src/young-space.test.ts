// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** Bytes of the young space in a process of its own after much was made and kept, with `before` run first. */
function youngSpaceAfter(before: string): number {
  const script = `
    const { getHeapSpaceStatistics } = await import('node:v8');
    const { holdYoungSpace } = await import(${JSON.stringify(new URL('young-space.ts', import.meta.url).href)});
    ${before}
    const kept = Array.from({ length: 1_000_000 }, (_, index) => ({ index, text: [index] }));
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    process.stdout.write(String(kept.length > 0 ? young.space_size : 0));`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }));
}

describe('holdYoungSpace', () => {
  it('keeps the space from growing until it is released', () => {
    const held = youngSpaceAfter('holdYoungSpace();');

    expect(youngSpaceAfter('')).toBeGreaterThan(4 * held);
    expect(youngSpaceAfter('holdYoungSpace()();')).toBeGreaterThan(4 * held);
  });
});
