// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { buildImage, pushImage } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab } from './lab.ts';
import { plantSignature } from './plant-signature.ts';

describe('a tree that signs nothing and expects one key in staging', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
  });
  afterEach(() => lab.close());

  it('asks nobody outside for trust: a key needs no authority', async () => {
    const [staging, production] = [await lab.start(), await lab.start()];
    const app = buildImage({ layers: [{ sizeBytes: 100, seed: 'app' }] });
    await pushImage({ url: staging.url, repository: 'staging/app', image: app });
    await plantSignature(`${staging.host}/staging/app`, app.manifest.digest);
    lab.project('app', [staging, production], { app: { [app.manifest.digest]: ['v1'] } });
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    lab.write('release.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString());
    lab.write('promograph.yaml', 'apiVersion: promograph/v1\nstaging: { identities: [ { key: release.pub } ] }\n');
    // Nothing listens there: whatever would leave this machine fails.
    const env = { XDG_STATE_HOME: join(lab.dir, 'state'), HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '127.0.0.1' };
    const session = await lab.session({ env });

    const { gate, receipts } = await session.promote(undefined, { confirm: true });

    expect(gate?.summary).toMatchObject({ digests: 1, unverifiable: 1, refused: 0 });
    expect(receipts.map(({ summary }) => summary.failed)).toEqual([0]);
  });
});
