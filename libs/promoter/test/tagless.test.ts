// SPDX-License-Identifier: Apache-2.0
import { buildImage, pushImage, type RunningRegistry } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SigningLab } from './signing-lab.ts';

const [tagged, tagless] = ['tagged', 'tagless'].map((seed) => buildImage({ layers: [{ sizeBytes: 2000, seed }] }));
if (tagged === undefined || tagless === undefined) throw new Error('two images are needed');
const sigTag = (digest: string): string => `${digest.replace(':', '-')}.sig`;

describe('a digest that is promoted without a tag', () => {
  let lab: SigningLab;
  let canonical: RunningRegistry;

  beforeEach(async () => {
    lab = new SigningLab();
    await lab.startSigstore();
    const staging = await lab.start();
    canonical = await lab.start();
    for (const image of [tagged, tagless]) await pushImage({ url: staging.url, repository: 'staging/app', image });
    lab.project('app', [staging, canonical], {
      app: { [tagged.manifest.digest]: ['v1'], [tagless.manifest.digest]: [] },
    });
  });
  afterEach(() => lab.close());

  it.each([
    ['is signed by default, and verified', '', [tagged, tagless]],
    ['is left out where the settings say so, and not missed', '  tagless: false\n', [tagged]],
  ])('%s', async (_, signing, signed) => {
    lab.configure(canonical, { signing });

    const { receipts } = await (await lab.session()).promote(undefined, { confirm: true, through: 'sign' });

    expect(receipts[0]?.summary).toMatchObject({ copied: 2, failed: 0 });
    const { manifests = [], tags = {} } = canonical.repositories()['prod/app'] ?? {};
    expect(manifests).toContain(tagless.manifest.digest);
    const names = Object.keys(tags).filter((tag) => tag.endsWith('.sig'));
    expect(names.sort()).toEqual(signed.map(({ manifest }) => sigTag(manifest.digest)).sort());
    // A bundle and a .sig layer for each.
    expect(lab.sigstore.counts().rekorV1Entries).toBe(2 * signed.length);
    const { report } = await (await lab.session()).verify({});
    expect(report).toMatchObject({ summary: { images: signed.length, verified: signed.length }, findings: [] });
  });
});
