// SPDX-License-Identifier: Apache-2.0
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, scryptSync, verify } from 'node:crypto';
import { inspect } from 'node:util';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { Secret } from '@promograph/errors';
import { describe, expect, it } from 'vitest';
import { readSigningKey } from './signing-key.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
const PASSWORD = new Secret('canary-password');

const encrypted = (): string =>
  privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSWORD.reveal() }).toString();

interface CosignFile {
  readonly label?: string;
  readonly params?: object;
  readonly cipher?: string;
  readonly secret?: Uint8Array;
}

/** As `cosign generate-key-pair` writes it. */
function cosignFile({
  label = 'SIGSTORE',
  params,
  cipher = 'nacl/secretbox',
  secret = pkcs8,
}: CosignFile = {}): string {
  const [salt, nonce] = [randomBytes(32), randomBytes(24)];
  const cost = { N: 65_536, r: 8, p: 1 };
  const key = scryptSync(PASSWORD.reveal(), salt, 32, { ...cost, maxmem: 128 * 1024 * 1024 });
  const json = JSON.stringify({
    kdf: { name: 'scrypt', params: params ?? cost, salt: salt.toString('base64') },
    cipher: { name: cipher, nonce: nonce.toString('base64') },
    ciphertext: Buffer.from(xsalsa20poly1305(key, nonce).encrypt(secret)).toString('base64'),
  });
  const body = Buffer.from(json).toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN ENCRYPTED ${label} PRIVATE KEY-----\n${body}\n-----END ENCRYPTED ${label} PRIVATE KEY-----\n`;
}

describe('readSigningKey', () => {
  it.each<[string, () => string, Secret | null]>([
    ['PKCS #8', () => privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), null],
    ['SEC 1', () => privateKey.export({ type: 'sec1', format: 'pem' }).toString(), null],
    ['encrypted PKCS #8', encrypted, PASSWORD],
    ["cosign's key file", () => cosignFile(), PASSWORD],
    ["cosign's older key file", () => cosignFile({ label: 'COSIGN' }), PASSWORD],
  ])('reads %s and signs with it', async (_, pem, password) => {
    const key = await readSigningKey(pem(), password);
    const der = publicKey.export({ type: 'spki', format: 'der' });
    const bytes = Buffer.from('anything');

    expect(verify('sha256', bytes, createPublicKey(key.verifierPem), key.sign(bytes))).toBe(true);
    expect(key.verifier).toEqual({ kind: 'key', der, hint: createHash('sha256').update(der).digest('base64') });
    expect(inspect(key, { depth: 9, showHidden: true })).not.toContain('PrivateKeyObject');
  });

  it.each<[string, () => string, Secret | null]>([
    ['a wrong password', encrypted, new Secret('wrong-canary')],
    ['no password', encrypted, null],
    ["a wrong password of cosign's key file", () => cosignFile(), new Secret('wrong-canary')],
    ['nothing', () => '', null],
    ['a public key', () => publicKey.export({ type: 'spki', format: 'pem' }).toString(), null],
    [
      'another curve',
      () =>
        generateKeyPairSync('ec', { namedCurve: 'P-384' })
          .privateKey.export({ type: 'pkcs8', format: 'pem' })
          .toString(),
      null,
    ],
    [
      'another algorithm',
      () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      null,
    ],
    ['a key file with another cipher', () => cosignFile({ cipher: 'aes' }), PASSWORD],
    ['a key file that would take gigabytes', () => cosignFile({ params: { N: 2 ** 24, r: 8, p: 1 } }), PASSWORD],
    ['a key file with something else in it', () => cosignFile({ secret: Buffer.from('no key') }), PASSWORD],
  ])('refuses %s, and shows neither key nor password', async (_, pem, password) => {
    const error: unknown = await readSigningKey(pem(), password).catch((failure: unknown) => failure);

    expect(error).toMatchObject({ code: 'SIGNING_KEY' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary');
  });

  it('says where a public key belongs', async () => {
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();

    await expect(readSigningKey(pem)).rejects.toMatchObject({
      message: 'the signing key is a public key',
      hint: expect.stringContaining('signing.publicKey') as string,
    });
  });
});
