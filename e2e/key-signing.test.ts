// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_SIGNER_EMAIL } from '@promograph/devstack';
import { Secret } from '@promograph/errors';
import {
  createExaminer,
  createImageSigner,
  createTokenSource,
  type ImageSigner,
  readSigningKey,
  type SigningKey,
} from '@promograph/signing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Cosign, type CosignProgram, type CosignRun, openCosign } from './support/cosign.ts';
import { openSigningLab, type SigningLab } from './support/signing-lab.ts';

let lab: SigningLab;
const cosigns: Cosign[] = [];
beforeAll(async () => {
  lab = await openSigningLab();
});
afterAll(() => lab.close());
afterEach(async () => {
  await Promise.all(cosigns.splice(0).map((cosign) => cosign.close()));
});

const open = async (program: CosignProgram, environment: Readonly<Record<string, string>> = {}): Promise<Cosign> => {
  const { files } = lab.sigstore;
  const trust = {
    SIGSTORE_ROOT_FILE: files.fulcioChain,
    SIGSTORE_REKOR_PUBLIC_KEY: files.rekorPublicKey,
    SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: files.ctLogPublicKey,
    SIGSTORE_TSA_CERTIFICATE_FILE: files.tsaChain,
  };
  const cosign = await openCosign(program, { ...(program === 'cosign2' ? trust : {}), ...environment });
  cosigns.push(cosign);
  return cosign;
};

const keySigner = (key: SigningKey, rekor: 1 | 2): ImageSigner =>
  createImageSigner({
    signatory: { kind: 'key', key },
    services: lab.services(rekor),
    client: lab.client,
    examiner: createExaminer({ trustedRoots: [lab.trustedRoot], keys: [key.verifierPem] }),
  });

const verifyWithKey = async (cosign: Cosign, publicKey: string, reference: string): Promise<CosignRun> => {
  const trust = cosign.program === 'cosign3' ? [`--trusted-root=${lab.sigstore.files.trustedRoot}`] : [];
  return cosign.run('verify', ...trust, `--key=${publicKey}`, reference);
};

const passes = (run: CosignRun): void => {
  expect(run.exitCode, run.stderr).toBe(0);
};

/** A public key of somebody else: what verifies with it verifies with anything. */
const strangersKey = (cosign: Cosign): string => {
  const path = join(cosign.home, 'stranger.pub');
  writeFileSync(
    path,
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }),
  );
  return path;
};

/** Who verifies which layout, with which Rekor. */
const LAYOUTS = [
  ['cosign2', 'sig', 1],
  ['cosign3', 'sig', 1],
  ['cosign3', 'bundle', 1],
  ['cosign3', 'bundle', 2],
] as const;

describe('what we sign with a key', () => {
  it.each(LAYOUTS)('%s verifies it (%s, Rekor v%i), by that key alone', async (program, layout, rekor) => {
    const [cosign, image] = await Promise.all([open(program), lab.image()]);
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = await readSigningKey(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    const path = join(cosign.home, 'key.pub');
    writeFileSync(path, publicKey.export({ type: 'spki', format: 'pem' }));
    const unsigned = await verifyWithKey(cosign, path, image.reference);
    await lab.sign(keySigner(key, rekor), image, [layout]);

    passes(await verifyWithKey(cosign, path, image.reference));
    const byStranger = await verifyWithKey(cosign, strangersKey(cosign), image.reference);
    expect([unsigned.exitCode, byStranger.exitCode]).not.toContain(0);
  });

  it.each([
    ['cosign2', 'secret'],
    ['cosign3', 'secret'],
    ['cosign3', ''],
  ] as const)('is signed with the encrypted key that %s makes (password %j)', async (program, password) => {
    const [cosign, image] = await Promise.all([open(program, { COSIGN_PASSWORD: password }), lab.image()]);
    const keys = join(cosign.home, 'own');
    passes(await cosign.run('generate-key-pair', `--output-key-prefix=${keys}`));
    const pem = readFileSync(`${keys}.key`, 'utf8');
    const key = await readSigningKey(pem, new Secret(password));
    await lab.sign(keySigner(key, 1), image, ['sig', 'bundle']);

    expect(key.verifierPem.trim()).toBe(readFileSync(`${keys}.pub`, 'utf8').trim());
    passes(await verifyWithKey(cosign, `${keys}.pub`, image.reference));
    await expect(readSigningKey(pem, new Secret('wrong'))).rejects.toMatchObject({ code: 'SIGNING_KEY' });
  });
});

describe('what we sign as an identity', () => {
  it.each(LAYOUTS)('%s verifies it (%s, Rekor v%i), by that identity alone', async (program, layout, rekor) => {
    const { sigstore, client } = lab;
    const [cosign, image] = await Promise.all([open(program), lab.image()]);
    const identity = { subject: DEFAULT_SIGNER_EMAIL, issuer: sigstore.url };
    const env = { SIGSTORE_ID_TOKEN: sigstore.token() };
    const tokens = createTokenSource({ kind: 'env' }, { client, subject: identity.subject, env });
    const examiner = createExaminer({ trustedRoots: [lab.trustedRoot] });
    const services = lab.services(rekor);
    const signer = createImageSigner({ signatory: { kind: 'keyless', identity, tokens }, services, client, examiner });
    await lab.sign(signer, image, [layout]);
    const verify = (subject: string): Promise<CosignRun> =>
      cosign.run(
        'verify',
        ...(program === 'cosign3' ? [`--trusted-root=${sigstore.files.trustedRoot}`] : []),
        `--certificate-identity=${subject}`,
        `--certificate-oidc-issuer=${identity.issuer}`,
        image.reference,
      );

    passes(await verify(identity.subject));
    expect((await verify('stranger@devstack.example')).exitCode).not.toBe(0);
  });
});
