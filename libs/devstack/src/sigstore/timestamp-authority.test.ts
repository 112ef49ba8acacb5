// SPDX-License-Identifier: Apache-2.0
import { createHash, X509Certificate } from 'node:crypto';
import { RFC3161Timestamp } from '@sigstore/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { der } from './der.ts';
import { OID } from './object-identifiers.ts';
import { post } from './sigstore-client.testing.ts';
import { type RunningSigstore, startSigstore } from './start-sigstore.ts';

/** A millisecond whose last digit is 0: DER would drop it, and some readers take three digits or none. */
const NOW = Date.parse('2026-03-01T12:00:00.120Z');
const DATA = Buffer.from('signature');
let sigstore: RunningSigstore;
beforeAll(async () => {
  sigstore = await startSigstore({ now: () => NOW });
});
afterAll(async () => {
  await sigstore.close();
});

const query = async (body: Buffer): Promise<{ status: number; bytes: Buffer<ArrayBuffer> }> => {
  const headers = { 'content-type': 'application/timestamp-query' };
  const response = await fetch(sigstore.tsaUrl, { method: 'POST', headers, body: Uint8Array.from(body) });
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
};
const imprint = (oid: string, digest: Buffer): Buffer =>
  der.sequence(der.sequence(der.oid(oid), der.null()), der.octets(digest));
const signerKey = async () => {
  const chain = await (await fetch(`${sigstore.tsaUrl}/certchain`)).text();
  return new X509Certificate(chain).publicKey;
};

describe('a time stamp', () => {
  it('is over the digest of a DER query, at a whole second, with its nonce and the certificate', async () => {
    const digest = createHash('sha256').update(DATA).digest();
    const nonce = Buffer.from('9f00aa55', 'hex');
    const request = der.sequence(der.integer(1), imprint(OID.sha256, digest), der.integer(nonce), der.boolean(true));

    const { status, bytes } = await query(request);
    const stamp = RFC3161Timestamp.parse(bytes);

    expect(status).toBe(201);
    const key = await signerKey();
    expect(() => stamp.verify(DATA, key)).not.toThrow();
    expect(() => stamp.verify(Buffer.from('other'), key)).toThrow('message imprint');
    expect(stamp.signingTime).toEqual(new Date('2026-03-01T12:00:00Z'));
    expect(bytes.includes(der.integer(nonce))).toBe(true);
    expect(bytes.includes(new X509Certificate(await (await fetch(`${sigstore.tsaUrl}/certchain`)).text()).raw)).toBe(
      true,
    );
  });

  it.each(['sha256', 'sha384', 'sha512'])('is over a %s digest of the JSON form too, and counted', async (hash) => {
    const before = sigstore.counts().timestamps;
    const artifactHash = createHash(hash).update(DATA).digest('base64');

    const { status, bytes } = await post(sigstore.tsaUrl, { artifactHash, hashAlgorithm: hash, nonce: 7 });
    const key = await signerKey();

    expect(status).toBe(201);
    expect(() => RFC3161Timestamp.parse(bytes).verify(DATA, key)).not.toThrow();
    expect(sigstore.counts().timestamps).toBe(before + 1);
  });

  it.each([
    ['an empty body', Buffer.alloc(0)],
    ['text', Buffer.from('stamp me')],
    ['a digest of the wrong length', der.sequence(der.integer(1), imprint(OID.sha256, Buffer.alloc(20)))],
    ['a hash that it does not know', der.sequence(der.integer(1), imprint('1.3.14.3.2.26', Buffer.alloc(20)))],
  ])('is refused for %s', async (_name, body) => {
    expect((await query(body)).status).toBe(400);
  });
});
