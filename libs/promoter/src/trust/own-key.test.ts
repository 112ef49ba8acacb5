// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OwnKey } from './own-key.ts';

const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicPem = own.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const privatePem = own.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'canary' });

describe('OwnKey', () => {
  let configDir: string;
  beforeAll(() => {
    configDir = mkdtempSync(join(tmpdir(), 'promograph-own-key-'));
    writeFileSync(join(configDir, 'own.key'), privatePem);
    writeFileSync(join(configDir, 'plain.key'), own.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(configDir, 'own.pub'), publicPem);
    writeFileSync(join(configDir, 'other.pub'), other.publicKey.export({ type: 'spki', format: 'pem' }));
    writeFileSync(join(configDir, 'text.pub'), 'no key');
  });
  afterAll(() => rmSync(configDir, { recursive: true, force: true }));

  const keyOf = (key: string, publicKey: string | null, password?: string): OwnKey =>
    new OwnKey({ configDir, key, publicKey, env: password === undefined ? {} : { COSIGN_PASSWORD: password } });

  it('derives the public part where none is named', async () => {
    expect(await keyOf('own.key', null, 'canary').publicPem()).toBe(publicPem);
  });

  it.each([
    ['without a password', 'own.key'],
    ['without the file of the private key', 'absent.key'],
  ])('gives the public part %s', async (_name, key) => {
    expect(await keyOf(key, 'own.pub').publicPem()).toBe(publicPem);
  });

  it('signs with the private key of the public one', async () => {
    const key = await keyOf('own.key', 'own.pub', 'canary').signingKey();

    expect(key.verifierPem).toBe(publicPem);
  });

  it.each<[string, OwnKeyCase, RegExp]>([
    ['a public key of another private one', { key: 'own.key', publicKey: 'other.pub' }, /other\.pub is not the public/],
    ['a public key that is none', { key: 'own.key', publicKey: 'text.pub' }, /text\.pub is no public key/],
    ['a public key that is not there', { key: 'own.key', publicKey: 'absent.pub' }, /cannot read signing\.publicKey/],
    ['a private key as the public one', { key: 'own.key', publicKey: 'plain.key' }, /plain\.key holds a private key/],
    ['a private key that is not there', { key: 'absent.key', publicKey: 'own.pub' }, /cannot read the signing key/],
  ])('refuses to sign with %s', async (_name, { key, publicKey }, message) => {
    const refused = await keyOf(key, publicKey, 'canary')
      .signingKey()
      .catch((error: unknown) => error);

    expect(refused).toMatchObject({ code: 'SIGNING_KEY', message: expect.stringMatching(message) as string });
  });

  it('says how to verify where neither the private key nor a public one is there', async () => {
    await expect(keyOf('absent.key', null).publicPem()).rejects.toMatchObject({
      code: 'SIGNING_KEY',
      hint: expect.stringContaining('signing.publicKey') as string,
    });
  });
});

interface OwnKeyCase {
  readonly key: string;
  readonly publicKey: string;
}
