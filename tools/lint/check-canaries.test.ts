// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CANARIES } from './canaries.ts';
import { findSilentCanaries } from './check-canaries.ts';
import { filesGuard } from './check-files.ts';
import { layersGuard } from './check-layers.ts';
import { GUARDS } from './guards.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

describe('canaries', () => {
  it('are planted for every guard', () => {
    const guarded = new Set(CANARIES.map(({ guard }) => guard));

    expect([...guarded].sort()).toEqual(GUARDS.map(({ name }) => name).sort());
  });

  it('are all reported silent when a guard accepts everything', async () => {
    const asleep = { name: 'layers', check: async () => [] };

    const silent = await findSilentCanaries(asleep, repository);

    expect(silent).toEqual(CANARIES.filter(({ guard }) => guard === 'layers'));
  });

  it('are reported silent when a guard objects to the right file by another rule', async () => {
    const confused = {
      name: 'files',
      check: async () => CANARIES.map(({ path }) => ({ at: `${path}:1`, rule: 'files/other', message: '' })),
    };

    const silent = await findSilentCanaries(confused, repository);

    expect(silent).toHaveLength(CANARIES.filter(({ guard }) => guard === 'files').length);
  });

  it('cannot be planted for a guard that the table does not know', async () => {
    const unknown = { name: 'unknown', check: async () => [] };

    const silent = await findSilentCanaries(unknown, repository);

    expect(silent.map(({ rule }) => rule)).toEqual(['no canary at all']);
  });

  it.each([layersGuard, filesGuard])('all trip for the guard $name', async (guard) => {
    const silent = await findSilentCanaries(guard, repository);

    expect(silent).toEqual([]);
  });
});
