// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage, pushImage, type RunningRegistry } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SigningLab } from './signing-lab.ts';

const image = buildImage({ layers: [{ sizeBytes: 100, seed: 'app' }] });

describe('a snapshot, from which a validation may come from the cache', () => {
  let lab: SigningLab;
  let staging: RunningRegistry;
  let canonical: RunningRegistry;

  beforeEach(async () => {
    lab = new SigningLab();
    await lab.startSigstore();
    [staging, canonical] = [await lab.start(), await lab.start()];
    await pushImage({ url: staging.url, repository: 'staging/team/app', image });
    writeProject('team', 'staging/team', `- name: app\n  dmap:\n    "${image.manifest.digest}": ["v1"]\n`);
    writeProject('other', 'elsewhere', '[]\n', policy('me'));
    lab.configure(canonical);
  });
  afterEach(() => lab.close());

  function writeProject(name: string, source: string, images: string, more = ''): void {
    const registries = `registries:\n- { name: "${staging.host}/${source}", src: true }\n- { name: "${canonical.host}/prod" }\n`;
    lab.write(`manifests/${name}/promoter-manifest.yaml`, registries + more);
    lab.write(`images/${name}/images.yaml`, images);
  }

  function policy(signer: string): string {
    return `provenance: { mode: require, signers: ["sigstore::https://issuer.example.org::${signer}@example.org"], builders: [ { id: b, level: 3 } ], sources: [ github.com/example/app ] }\n`;
  }

  /** The bytes that a build graph compares, made by a session that knows nothing of the last one. */
  async function snapshot(): Promise<string> {
    await (await lab.session()).snapshot(['team']);
    return readFileSync(join(lab.tree, '.promo/team/snapshot.json'), 'utf8');
  }

  it.each<[string, string]>([
    ['above its source', 'staging'],
    ['below its source', 'staging/team/app'],
  ])("changes with another project's policy %s, whatever changes in it", async (_, source) => {
    const without = await snapshot();
    writeProject('policy', source, '[]\n', policy('me'));
    const before = await snapshot();
    writeProject('policy', source, '[]\n', policy('anyone'));
    const after = await snapshot();

    expect(new Set([without, before, after]).size).toBe(3);
    expect(await snapshot()).toBe(after);
  });

  it('does not change with a policy of a registry beside it', async () => {
    const before = await snapshot();
    writeProject('other', 'elsewhere', '[]\n', policy('anyone'));

    expect(await snapshot()).toBe(before);
  });

  it('changes with a manifest that cannot be used and may hold a policy', async () => {
    const before = await snapshot();
    writeProject('other', 'elsewhere', '[]\n', 'provenance: [');

    expect(await snapshot()).not.toBe(before);
  });

  it('changes with the key that signatures of staging are verified with, and with the services that sign', async () => {
    const writeKey = (): void => {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      lab.write('staging.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString());
    };
    writeKey();
    lab.configure(canonical, { more: 'staging: { signatures: require, identities: [ { key: staging.pub } ] }\n' });
    const before = await snapshot();
    writeKey();
    const after = await snapshot();
    const config = lab.sigstore.files.signingConfig;
    writeFileSync(config, `${readFileSync(config, 'utf8')}\n`);

    expect(new Set([before, after, await snapshot()]).size).toBe(3);
  });
});
