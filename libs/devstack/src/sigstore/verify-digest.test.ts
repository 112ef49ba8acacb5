// SPDX-License-Identifier: Apache-2.0
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { der } from './der.ts';
import { verifyDigest } from './verify-digest.ts';

const RUNS = { numRuns: 20 };

describe.each([
  ['P-256', 'sha256'],
  ['P-384', 'sha256'],
  ['P-384', 'sha384'],
  ['P-256', 'sha512'],
])('a digest signed on %s with %s', (namedCurve, hash) => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
  const digestOf = (data: Uint8Array): Buffer => createHash(hash).update(data).digest();

  it('is accepted under its key', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (data) => {
        expect(verifyDigest(digestOf(data), publicKey, sign(hash, data, privateKey))).toBe(true);
      }),
      RUNS,
    );
  });

  it('is refused for any other data', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (data, other) => {
        fc.pre(Buffer.compare(data, other) !== 0);
        expect(verifyDigest(digestOf(other), publicKey, sign(hash, data, privateKey))).toBe(false);
      }),
      RUNS,
    );
  });

  it('is refused under another key of the same curve', () => {
    const stranger = generateKeyPairSync('ec', { namedCurve }).publicKey;

    expect(verifyDigest(digestOf(Buffer.from('a')), stranger, sign(hash, Buffer.from('a'), privateKey))).toBe(false);
  });
});

describe('a signature that is none', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const digest = createHash('sha256').update('a').digest();
  const genuine = sign('sha256', Buffer.from('a'), privateKey);

  it.each([
    ['empty', Buffer.alloc(0)],
    ['text', Buffer.from('signature')],
    ['r = s = 0', der.sequence(der.integer(0), der.integer(0))],
    ['r = 1, s = 0', der.sequence(der.integer(1), der.integer(0))],
    ['r = s = 1', der.sequence(der.integer(1), der.integer(1))],
    ['numbers past the order', der.sequence(der.integer(Buffer.alloc(32, 0xff)), der.integer(Buffer.alloc(32, 0xff)))],
    ['three numbers', Buffer.concat([der.sequence(der.integer(1), der.integer(1), der.integer(1))])],
    ['cut', genuine.subarray(0, -1)],
  ])('%s is refused', (_name, signature) => {
    expect(verifyDigest(digest, publicKey, signature)).toBe(false);
  });

  it('is refused where the key is on no curve known here', () => {
    const { publicKey: ed25519, privateKey: own } = generateKeyPairSync('ed25519');

    expect(verifyDigest(digest, ed25519, sign(null, digest, own))).toBe(false);
  });
});
