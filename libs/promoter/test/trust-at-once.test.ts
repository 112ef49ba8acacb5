// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { buildImage, buildIndex, type BuiltImage, pushImage } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SigningLab } from './signing-lab.ts';

const image = (seed: string): BuiltImage => buildImage({ layers: [{ sizeBytes: 2000, seed }] });

describe('two sessions that sign and attest one tree at once', () => {
  let lab: SigningLab;
  const shared = image('shared');
  const indexes = ['a', 'b'].map((seed) => buildIndex({ images: [shared, image(seed)] }));

  beforeEach(async () => {
    lab = new SigningLab();
    // With a log that takes its time both have looked before either has written.
    await lab.startSigstore({ latency: { rekorV1Ms: 200 } });
    const [staging, canonical] = [await lab.start(), await lab.start()];
    for (const web of indexes) await pushImage({ url: staging.url, repository: 'staging/web', image: web });
    const tags = Object.fromEntries(indexes.map(({ manifest }, index) => [manifest.digest, [`v${index}`]]));
    lab.project('web', [staging, canonical], { web: tags });
    lab.configure(canonical, { more: 'attest: {}\n' });
  });
  afterEach(() => lab.close());

  it('log nothing twice, and both end well', async () => {
    const sessions = await Promise.all(['one', 'two'].map((name) => lab.session({ stateDir: join(lab.dir, name) })));

    const runs = await Promise.all(
      sessions.map((session) => session.promote(undefined, { confirm: true, through: 'attest' })),
    );

    expect(runs.flatMap(({ receipts }) => receipts.map(({ summary }) => summary.failed))).toEqual([0, 0]);
    // Two layouts for each of five digests, a record for each of two indexes.
    expect(lab.sigstore.counts()).toMatchObject({ certificates: 2, rekorV1Entries: 12 });
    const written = runs.flatMap(({ trust }) => trust.map(({ stage, summary }) => [stage, summary.written] as const));
    const sum = (wanted: string): number =>
      written.reduce((total, [stage, count]) => total + (stage === wanted ? count : 0), 0);
    expect([sum('sign'), sum('attest')]).toEqual([5, 2]);
  });
});
