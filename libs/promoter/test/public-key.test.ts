// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage, type RunningRegistry } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '../src/index.ts';
import { plantSignature } from './plant-signature.ts';
import { SigningLab } from './signing-lab.ts';

const newKeys = (): KeyPairKeyObjectResult => generateKeyPairSync('ec', { namedCurve: 'P-256' });

describe('a tree that is signed with a key', () => {
  const PASSWORD = 'canary-password';
  const tool = buildImage({ layers: [{ sizeBytes: 2000, seed: 'tool' }] });
  const { digest } = tool.manifest;
  let lab: SigningLab;
  let staging: RunningRegistry;
  let canonical: RunningRegistry;

  beforeEach(async () => {
    lab = new SigningLab();
    ({ staging, canonical } = await lab.startWith('tool', tool));
    writeKeys(newKeys());
    configure('  publicKey: cosign.pub\n');
  });
  afterEach(() => lab.close());

  function writeKeys({ privateKey, publicKey }: KeyPairKeyObjectResult): void {
    const encrypted = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSWORD } as const;
    lab.write('cosign.key', privateKey.export(encrypted).toString());
    writePublic(publicKey);
  }

  function writePublic(publicKey: KeyPairKeyObjectResult['publicKey']): void {
    lab.write('cosign.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString());
  }

  function configure(signing: string, more = ''): void {
    const { signingConfig, trustedRoot } = lab.sigstore.files;
    lab.write(
      'promograph.yaml',
      `apiVersion: promograph/v1
signing:
  key: cosign.key
  canonical: "${canonical.host}/prod"
  config: "${signingConfig}"
  trustedRoots: [ "${trustedRoot}" ]
${signing}${more}`,
    );
  }

  const withPassword = (): Promise<Session> =>
    lab.session({ env: { XDG_STATE_HOME: join(lab.dir, 'state'), COSIGN_PASSWORD: PASSWORD } });

  async function promote(): Promise<void> {
    await (await withPassword()).promote(undefined, { confirm: true, through: 'sign' });
  }

  /** As in a job that may only read: neither the file nor its password is there. */
  function forgetPrivateKey(): Promise<Session> {
    rmSync(join(lab.tree, 'cosign.key'));
    return lab.session();
  }

  it('is verified with the public key alone', async () => {
    await promote();

    const { report } = await (await forgetPrivateKey()).verify({});

    expect(report.findings).toEqual([]);
    expect(report.summary).toMatchObject({ images: 1, verified: 1 });
    expect(report.images[0]?.cosign).toBe(`cosign verify --key cosign.pub ${canonical.host}/prod/tool@${digest}`);
  });

  it('is not verified with the public key of somebody else', async () => {
    await promote();
    writePublic(newKeys().publicKey);

    const { report } = await (await forgetPrivateKey()).verify({});

    expect(report.findings).toMatchObject([{ kind: 'foreign-signer', digest }]);
    expect(report.summary.verified).toBe(0);
  });

  it('is verified with the private key where no public one is named, and says what to name where that is not there', async () => {
    configure('');
    await promote();
    expect((await (await withPassword()).verify({})).report.findings).toEqual([]);

    await expect((await forgetPrivateKey()).verify({})).rejects.toMatchObject({
      code: 'SIGNING_KEY',
      hint: expect.stringContaining('signing.publicKey') as string,
    });
  });

  it('has its gate asked by who reviews', async () => {
    lab.write('release.pub', newKeys().publicKey.export({ type: 'spki', format: 'pem' }).toString());
    configure('  publicKey: cosign.pub\n', 'staging: { identities: [ { key: release.pub } ] }\n');
    await plantSignature(`${staging.host}/staging/tool`, digest);
    const session = await forgetPrivateKey();

    const [validated] = await session.validate(undefined, { live: true });
    const { gate } = await session.promote(undefined, { confirm: false, through: 'sign' });

    expect(validated?.gate?.summary).toMatchObject({ digests: 1, refused: 0 });
    expect(gate?.summary).toMatchObject({ digests: 1, refused: 0 });
  });

  it.each<[string, 'promote' | 'sign' | 'attest', boolean]>([
    ['signs', 'sign', false],
    ['attests', 'attest', false],
    ['leaves signing to a later stage', 'promote', true],
  ])('is left as it is by a run that %s and has the public key alone', async (_name, through, handsOver) => {
    const session = await forgetPrivateKey();

    await expect(session.promote(undefined, { confirm: true, through, handsOver })).rejects.toMatchObject({
      code: 'SIGNING_KEY',
      message: expect.stringContaining('cosign.key') as string,
    });
    expect(writesAt(canonical)).toEqual([]);
    expect(lab.sigstore.counts()).toMatchObject({ rekorV1Entries: 0 });
  });

  it('is left as it is by a private key that is not that of the public one', async () => {
    writePublic(newKeys().publicKey);

    await expect(promote()).rejects.toMatchObject({
      code: 'SIGNING_KEY',
      message: 'signing.publicKey cosign.pub is not the public key of cosign.key',
    });
    expect(writesAt(canonical)).toEqual([]);
    expect(lab.sigstore.counts()).toMatchObject({ rekorV1Entries: 0 });
  });

  it('is signed after a refusal as if there had been none', async () => {
    const keys = newKeys();
    writeKeys(keys);
    writePublic(newKeys().publicKey);
    await expect(promote()).rejects.toMatchObject({ code: 'SIGNING_KEY' });
    writePublic(keys.publicKey);

    await promote();

    expect(writesAt(canonical)).not.toEqual([]);
    expect((await (await forgetPrivateKey()).verify({})).report.findings).toEqual([]);
  });
});

function writesAt({ requests }: RunningRegistry): readonly string[] {
  return requests.flatMap(({ method }) => (method === 'GET' || method === 'HEAD' ? [] : [method]));
}
