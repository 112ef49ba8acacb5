// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage, pushImage } from '@promograph/devstack';
import { describe, expect, it } from 'vitest';
import { PromotionWorld } from './support/promotion-world.ts';

const TREE = ['--manifests', 'tree'];

describe('pipes', () => {
  it('stays quiet when the reader of its JSON goes away', async () => {
    const google = { listing: 'google' } as const;
    await using world = await PromotionWorld.start({ staging: google, production: google });
    // Larger than any pipe buffer, so that the program is still writing when its reader ends.
    const wanted = Array.from({ length: 2000 }, (_, index): [string, string[]] => [digestNumber(index), [`v${index}`]]);
    world.writeTree(Object.fromEntries(wanted));

    const { child, result } = world.start(['plan', ...TREE, '--output', 'json']);
    await once(child.stdout ?? child, 'data');
    child.stdout?.destroy();

    const { code, stderr } = await result;
    expect(code).toBe(5);
    expect(stderr).toBe('');
  });

  it('writes no escape sequences where there is no terminal, and colours where FORCE_COLOR asks for it', async () => {
    await using world = await PromotionWorld.start();
    const digest = await world.push(world.staging, 'staging/web', { seed: 'one' });
    world.writeTree({ [digest]: ['v1'] });

    const plain = await world.run(['plan', ...TREE]);
    const coloured = await world.run(['plan', ...TREE], { FORCE_COLOR: '1' });
    const refused = await world.run(['plan', ...TREE], { NO_COLOR: '1' });

    expect(plain.stdout).not.toContain('\u001b[');
    expect(coloured.stdout).toContain('\u001b[');
    expect(refused.stdout).not.toContain('\u001b[');
  });
});

describe('signals', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends a promotion with 130 and keeps its receipts', async (signal) => {
    await using world = await PromotionWorld.start();
    const fast = await world.push(world.staging, 'staging/web', { seed: 'fast' });
    const slow = buildImage({ layers: [{ sizeBytes: 8 * 1024 * 1024, seed: 'slow' }] });
    await pushImage({ url: world.staging.url, repository: 'staging/web', image: slow });
    world.writeTree({ [fast]: ['v1'], [slow.manifest.digest]: ['v2'] });
    const slowBlob = `/blobs/${slow.blobs.find(({ bytes }) => bytes.length > 1024 * 1024)?.digest ?? ''}`;
    const reached = Promise.withResolvers<undefined>();
    world.staging.setFault(({ method, path }) => {
      if (method !== 'GET' || !path.endsWith(slowBlob)) return undefined;
      reached.resolve(undefined);
      return { kind: 'stall-body', bytes: 64 * 1024 };
    });

    const { child, result } = world.start(['promote', ...TREE, '--confirm', '--output', 'json']);
    await reached.promise;
    await taggedAt(world);
    child.kill(signal);
    const { code, stdout, stderr } = await result;

    expect(code).toBe(130);
    expect(stderr).toContain(signal);
    expect(stderr).not.toContain('bug');
    expect(JSON.parse(stdout)).toMatchObject({ confirmed: true, summary: { copied: 1 } });
    const receipts = readFileSync(join(world.tree, '.promo/app/promote.jsonl'), 'utf8');
    expect(receipts).toContain(fast);
    expect(world.production.repositories()['prod/web']?.tags).toEqual({ v1: fast });
  });
});

/** Resolves when the production registry has a tag. */
async function taggedAt(world: PromotionWorld): Promise<void> {
  while (Object.keys(world.production.repositories()['prod/web']?.tags ?? {}).length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function digestNumber(index: number): string {
  return `sha256:${index.toString(16).padStart(64, '0')}`;
}
