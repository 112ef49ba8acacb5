// SPDX-License-Identifier: Apache-2.0
import {
  parseDigest,
  parseManifestDocument,
  MEDIA_TYPES,
  printRepository,
  type ManifestDocument,
} from '@promograph/oci';
import type { PlannedAction } from '@promograph/plan';
import { RegistryError, type CopyEngine, type DestinationCopy, type TagOutcome } from '@promograph/registry';
import { SigningError } from '@promograph/signing';
import { describe, expect, it } from 'vitest';
import type { EdgeResult } from './edge-result.ts';
import { type GroupPorts, promoteGroup } from './promote-group.ts';
import type { GroupTrust } from './trust/group-trust.ts';
import { workGroupsOf } from './work-group.ts';

const OTHER = parseDigest(`sha256:${'b'.repeat(64)}`);
const BYTES = new TextEncoder().encode(
  JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] }),
);
const DOCUMENT: ManifestDocument = parseManifestDocument(BYTES, MEDIA_TYPES.ociIndex);

function action(kind: 'add' | 'tag', destination: string, tag: string | null): PlannedAction {
  const at = { file: 'images/web/images.yaml', line: 3, column: 5 };
  const edge = { project: 'web', source: 'a.example/web', destination, digest: DOCUMENT.digest, tag, at };
  return { action: kind, edge, observed: null, conflicts: [], reason: null, detail: null, isAccepted: false };
}

interface Script {
  readonly missingAt?: readonly string[];
  readonly failingCopies?: readonly string[];
  /** Destinations that take everything but the digest's own manifest. */
  readonly failingRoots?: readonly string[];
  readonly tags?: Readonly<Record<string, TagOutcome>>;
  readonly copyThrows?: boolean;
}

function scriptedEngine(script: Script): CopyEngine {
  return {
    readClosure: async (source) => {
      if (script.missingAt?.includes(printRepository(source))) throw new RegistryError('REGISTRY_NOT_FOUND', 'gone');
      return { root: DOCUMENT, documents: [DOCUMENT] };
    },
    copy: async (request) => {
      const copies = request.destinations.map((destination): DestinationCopy => {
        const failed = script.failingCopies?.includes(printRepository(destination)) ?? false;
        const error = failed ? new RegistryError('REGISTRY_QUOTA', 'full') : undefined;
        const none = { copiedBytes: 0, mountedBytes: 0, copiedBlobs: 0, mountedBlobs: 0, skippedBlobs: 0 };
        return { destination, status: failed ? 'failed' : 'copied', error, ...none };
      });
      const endings = copies.map(async (copy, index) => {
        if (script.copyThrows && index > 0) throw new Error('engine bug');
        const hook = await request.beforeRoot?.(copy.destination).catch((error: unknown) => error);
        const isRefused = script.failingRoots?.includes(printRepository(copy.destination)) ?? false;
        const refusal = hook ?? (isRefused ? new RegistryError('REGISTRY_FORBIDDEN', 'no') : undefined);
        request.onDestination?.(refusal === undefined ? copy : { ...copy, status: 'failed', error: refusal });
      });
      await Promise.all(endings);
      return copies;
    },
    publishTag: async ({ tag }) => script.tags?.[tag] ?? { status: 'tagged' },
    tryWrite: async () => {},
    close: async () => {},
  };
}

async function run(
  script: Script,
  actions: readonly PlannedAction[],
  { refusals = new Map(), trust = null, handsOver = false }: Partial<GroupPorts> = {},
): Promise<Record<string, string>> {
  const results: EdgeResult[] = [];
  const summary = { edges: 0, add: 0, tag: 0, present: 0, lost: 0, refused: 0, unreadable: 0, acceptedLost: 0 };
  for (const group of workGroupsOf([{ project: 'web', summary, actions, allLost: false }])) {
    await promoteGroup(group, {
      engine: scriptedEngine(script),
      signal: undefined,
      refusals,
      trust,
      handsOver,
      onResult: (result) => results.push(result),
      onCopy: () => {},
    });
  }
  expect(results).toHaveLength(actions.length);
  return Object.fromEntries(
    results.map(({ planned: { edge }, outcome }) => [`${edge.destination}:${edge.tag ?? ''}`, outcome]),
  );
}

describe('promoteGroup', () => {
  it('adds tagged and tagless edges', async () => {
    expect(await run({}, [action('add', 'b.example/web', 'v1'), action('add', 'c.example/web', null)])).toEqual({
      'b.example/web:v1': 'added',
      'c.example/web:': 'added',
    });
  });

  it('keeps a failed copy with its destination', async () => {
    const script = { failingCopies: ['b.example/web'] };

    expect(await run(script, [action('add', 'b.example/web', 'v1'), action('add', 'c.example/web', 'v1')])).toEqual({
      'b.example/web:v1': 'failed',
      'c.example/web:v1': 'added',
    });
  });

  it('refuses one moved tag and publishes the other', async () => {
    const script: Script = { tags: { v1: { status: 'moved', observed: OTHER } } };

    expect(await run(script, [action('add', 'b.example/web', 'v1'), action('add', 'b.example/web', 'v2')])).toEqual({
      'b.example/web:v1': 'refused',
      'b.example/web:v2': 'added',
    });
  });

  it('fails edges of a destination that refused the trial of writing without touching it', async () => {
    const refusals = new Map([['b.example/web', new RegistryError('REGISTRY_FORBIDDEN', 'no')]]);

    expect(
      await run({}, [action('add', 'b.example/web', 'v1'), action('add', 'c.example/web', 'v1')], { refusals }),
    ).toEqual({ 'b.example/web:v1': 'failed', 'c.example/web:v1': 'added' });
  });

  it('tags a digest that only the destination still has', async () => {
    const script = { missingAt: ['a.example/web'] };

    expect(await run(script, [action('tag', 'b.example/web', 'v1')])).toEqual({ 'b.example/web:v1': 'tagged' });
  });

  it('fails an addition whose source lost the digest meanwhile', async () => {
    const script = { missingAt: ['a.example/web'] };

    expect(await run(script, [action('add', 'b.example/web', 'v1')])).toEqual({ 'b.example/web:v1': 'failed' });
  });

  it('gives every edge one result even when the engine throws', async () => {
    const script = { copyThrows: true };

    expect(await run(script, [action('add', 'b.example/web', 'v1'), action('add', 'c.example/web', 'v1')])).toEqual({
      'b.example/web:v1': 'added',
      'c.example/web:v1': 'failed',
    });
  });
});

describe('promoteGroup that signs', () => {
  const CANONICAL = 'b.example/web';

  function trustThat(ensure: () => Promise<void>, signsTagless = true): GroupTrust {
    return { signsTagless, canonicalOf: () => CANONICAL, ensure };
  }

  it('writes no tag anywhere when signing fails', async () => {
    const trust = trustThat(async () => {
      throw new SigningError('SIGNING_LOG', 'down');
    });
    const actions = [action('add', CANONICAL, 'v1'), action('tag', 'c.example/web', 'v1')];

    expect(await run({}, actions, { trust })).toEqual({ 'b.example/web:v1': 'failed', 'c.example/web:v1': 'failed' });
  });

  it('signs nothing, and tags nothing, when the digest does not reach its canonical repository', async () => {
    let signed = 0;
    const trust = trustThat(async () => void (signed += 1));
    const actions = [action('add', CANONICAL, 'v1'), action('add', 'c.example/web', 'v1')];

    expect(await run({ failingCopies: [CANONICAL] }, actions, { trust })).toEqual({
      'b.example/web:v1': 'failed',
      'c.example/web:v1': 'failed',
    });
    expect(signed).toBe(0);
  });

  it('signs nothing when the canonical repository refused the trial of writing', async () => {
    let signed = 0;
    const trust = trustThat(async () => void (signed += 1));
    const refusals = new Map([[CANONICAL, new RegistryError('REGISTRY_FORBIDDEN', 'no')]]);

    expect(
      await run({}, [action('add', CANONICAL, 'v1'), action('add', 'c.example/web', 'v1')], { trust, refusals }),
    ).toEqual({ 'b.example/web:v1': 'failed', 'c.example/web:v1': 'failed' });
    expect(signed).toBe(0);
  });

  it('signs at once what is at its canonical repository already', async () => {
    let signed = 0;
    const trust = trustThat(async () => void (signed += 1));

    expect(await run({}, [action('add', 'c.example/web', 'v1')], { trust })).toEqual({ 'c.example/web:v1': 'added' });
    expect(signed).toBe(1);
  });

  it('holds back a digest without a tag until it is signed', async () => {
    const trust = trustThat(async () => {
      throw new SigningError('SIGNING_LOG', 'down');
    });
    const actions = [action('add', CANONICAL, null), action('add', 'c.example/web', null)];

    expect(await run({}, actions, { trust })).toEqual({ 'b.example/web:': 'failed', 'c.example/web:': 'failed' });
  });

  it.each([
    ['without a tag', null],
    ['with a tag, beside one without', 'v1'],
  ])('makes nothing public at a mirror (%s) whose canonical repository refuses the digest', async (_, tag) => {
    let signed = 0;
    const trust = trustThat(async () => void (signed += 1));
    const actions = [action('add', CANONICAL, null), action('add', 'c.example/web', tag)];

    expect(await run({ failingRoots: [CANONICAL] }, actions, { trust })).toEqual({
      'b.example/web:': 'failed',
      [`c.example/web:${tag ?? ''}`]: 'failed',
    });
    expect(signed).toBe(1);
  });

  it('makes nothing public when a later stage does', async () => {
    const trust = trustThat(async () => {});
    const actions = [action('add', CANONICAL, 'v1'), action('add', 'c.example/web', null)];

    expect(await run({}, actions, { trust, handsOver: true })).toEqual({
      'b.example/web:v1': 'copied',
      'c.example/web:': 'copied',
    });
  });
});
