// SPDX-License-Identifier: Apache-2.0
import { createMemoryLeaseStore } from '@promograph/limiter';
import type { ManifestDocument } from '@promograph/oci';
import { describe, expect, it } from 'vitest';
import { type CopySetup, at, copySetup } from '../test/support/copy-setup.ts';
import { putImage } from '../test/support/fake-images.ts';
import type { CopyEngine } from './copy-engine.ts';
import { RegistryError } from './registry-error.ts';

const destination = at('a.example', 'app');

interface TagSetup extends CopySetup {
  readonly ours: ManifestDocument;
  readonly theirs: ManifestDocument;
  readonly tags: Map<string, string>;
}

/** A destination that holds two images and no tag. */
function tagSetup(): TagSetup {
  const setup = copySetup();
  const ours = putImage(setup.registries, destination, { ours: 10 });
  const theirs = putImage(setup.registries, destination, { theirs: 10 });
  return { ...setup, ours, theirs, tags: setup.registries.repository(destination).tags };
}

describe('publishTag', () => {
  it('writes a tag that is not there, and reads it back', async () => {
    const { engine, ours, registries, tags } = tagSetup();

    await expect(engine.publishTag({ destination, tag: 'v1', document: ours })).resolves.toEqual({ status: 'tagged' });

    expect(tags.get('v1')).toBe(ours.digest);
    expect(registries.calls.at(-1)).toMatchObject({ method: 'headManifest', reference: 'v1' });
  });

  it('writes nothing where the tag is right already', async () => {
    const { engine, ours, registries, tags } = tagSetup();
    tags.set('v1', ours.digest);

    await expect(engine.publishTag({ destination, tag: 'v1', document: ours })).resolves.toEqual({ status: 'present' });

    expect(registries.count('putManifest')).toBe(0);
  });

  it('leaves a tag alone that points elsewhere, and says where', async () => {
    const { engine, ours, registries, tags, theirs } = tagSetup();
    tags.set('v1', theirs.digest);

    const outcome = await engine.publishTag({ destination, tag: 'v1', document: ours });

    expect(outcome).toEqual({ status: 'moved', observed: theirs.digest });
    expect(registries.count('putManifest')).toBe(0);
  });

  it('says that the tag was moved when the look afterwards shows another digest', async () => {
    const { engine, ours, registries, tags, theirs } = tagSetup();
    registries.faults.after = ({ method }) => {
      if (method === 'putManifest') tags.set('v1', theirs.digest);
    };

    const outcome = await engine.publishTag({ destination, tag: 'v1', document: ours });

    expect(outcome).toEqual({ status: 'moved', observed: theirs.digest });
  });

  it('takes a write whose answer was lost for done when the tag is right', async () => {
    const { engine, ours, registries, tags } = tagSetup();
    registries.faults.after = ({ method }) => {
      if (method === 'putManifest') throw new RegistryError('REGISTRY_UNREACHABLE', 'connection reset');
    };

    await expect(engine.publishTag({ destination, tag: 'v1', document: ours })).resolves.toEqual({ status: 'tagged' });
    expect(tags.get('v1')).toBe(ours.digest);
  });

  it('takes the refusal of an immutable tag for what the tag shows', async () => {
    const { engine, ours, registries, tags, theirs } = tagSetup();
    registries.faults.before = ({ method }) => {
      if (method !== 'putManifest') return;
      tags.set('v1', theirs.digest);
      throw new RegistryError('REGISTRY_REFUSED', 'tag is immutable', { status: 409 });
    };

    const outcome = await engine.publishTag({ destination, tag: 'v1', document: ours });

    expect(outcome).toEqual({ status: 'moved', observed: theirs.digest });
  });

  it('throws the refusal where there is still no tag', async () => {
    const { engine, ours, registries } = tagSetup();
    registries.faults.before = ({ method }) => {
      if (method === 'putManifest') throw new RegistryError('REGISTRY_FORBIDDEN', 'denied', { status: 403 });
    };

    const publishing = engine.publishTag({ destination, tag: 'v1', document: ours });

    await expect(publishing).rejects.toMatchObject({ code: 'REGISTRY_FORBIDDEN' });
  });

  it('refuses to tag a digest that is not at the destination', async () => {
    const { engine, registries } = tagSetup();
    const elsewhere = putImage(registries, at('b.example', 'app'), { elsewhere: 10 });

    const publishing = engine.publishTag({ destination, tag: 'v1', document: elsewhere });

    await expect(publishing).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' });
    expect(registries.count('putManifest')).toBe(0);
  });

  it('refuses a name that is no tag', async () => {
    const { engine, ours } = tagSetup();
    const publishing = engine.publishTag({ destination, tag: 'no/tag', document: ours });

    await expect(publishing).rejects.toMatchObject({ code: 'OCI_INVALID_TAG' });
  });

  it('lets exactly one of two promoters of different digests win, and tells the other', async () => {
    const first = tagSetup();
    const client = first.registries.client();
    const leases = createMemoryLeaseStore();
    const engines: CopyEngine[] = [copySetup({ client, leases }).engine, copySetup({ client, leases }).engine];
    first.registries.faults.before = () => new Promise((resolve) => setImmediate(resolve));

    for (let round = 0; round < 20; round += 1) {
      const tag = `v${round}`;
      const outcomes = await Promise.all(
        engines.map((engine, index) =>
          engine.publishTag({ destination, tag, document: index === 0 ? first.ours : first.theirs }),
        ),
      );

      expect(outcomes.map(({ status }) => status).sort()).toEqual(['moved', 'tagged']);
      expect(first.registries.count('putManifest', { reference: tag })).toBe(1);
      const winner = outcomes[0]?.status === 'tagged' ? first.ours : first.theirs;
      expect(first.tags.get(tag)).toBe(winner.digest);
    }
  });

  it('lets go of the lease when it fails', async () => {
    const { engine, ours, registries } = tagSetup();
    registries.faults.before = () => {
      throw new RegistryError('REGISTRY_UNREACHABLE', 'gone');
    };
    await expect(engine.publishTag({ destination, tag: 'v1', document: ours })).rejects.toThrow('gone');
    registries.faults = {};

    await expect(engine.publishTag({ destination, tag: 'v1', document: ours })).resolves.toEqual({ status: 'tagged' });
  });
});
