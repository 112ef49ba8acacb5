// SPDX-License-Identifier: Apache-2.0
import { sign, X509Certificate } from 'node:crypto';
import { X509Certificate as SigstoreCertificate } from '@sigstore/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signCertificate } from './certificate.ts';
import { der } from './der.ts';
import { DEFAULT_SIGNER_EMAIL, type TokenRequest } from './oidc-issuer.ts';
import { OID } from './object-identifiers.ts';
import { spkiOf } from './sha256.ts';
import { keyPair, leafOf, post, requestCertificate } from './sigstore-client.testing.ts';
import { type RunningSigstore, startSigstore } from './start-sigstore.ts';
import { CI_TOKEN } from './token-routes.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const OTHER_ISSUER = 'https://accounts.devstack.example';
let sigstore: RunningSigstore;
let other: RunningSigstore;
beforeAll(async () => {
  const options = { now: () => NOW, certificateLifetimeMs: 8_000, issuers: [OTHER_ISSUER] };
  [sigstore, other] = await Promise.all([startSigstore(options), startSigstore({ now: () => NOW })]);
});
afterAll(async () => {
  await Promise.all([sigstore.close(), other.close()]);
});

const ask = async (request: TokenRequest, subject = DEFAULT_SIGNER_EMAIL) =>
  requestCertificate(sigstore.url, { token: sigstore.token(request), subject, keys: keyPair() });
const extension = (pem: string, number: number): string => {
  const found = SigstoreCertificate.parse(pem).extension(`${OID.fulcio}.${number}`);
  return number < 8 ? (found?.value.toString() ?? '') : (found?.valueObj.subs[0]?.value.toString() ?? '');
};

describe('a certificate', () => {
  it('names the e-mail address as such, the issuer twice, and lives as long as configured', async () => {
    const keys = keyPair();
    const before = sigstore.counts().certificates;

    const answer = await requestCertificate(sigstore.url, {
      token: sigstore.token(),
      subject: DEFAULT_SIGNER_EMAIL,
      keys,
    });
    const leaf = new X509Certificate(leafOf(answer));

    expect(answer.status).toBe(200);
    expect(leaf.subjectAltName).toBe(`email:${DEFAULT_SIGNER_EMAIL}`);
    expect(leaf.publicKey.equals(keys.publicKey)).toBe(true);
    expect([extension(leafOf(answer), 1), extension(leafOf(answer), 8)]).toEqual([sigstore.url, sigstore.url]);
    expect([leaf.validFromDate.getTime(), leaf.validToDate.getTime()]).toEqual([NOW, NOW + 8_000]);
    expect(sigstore.counts().certificates).toBe(before + 1);
  });

  it('is signed by the intermediate, which is signed by the root', async () => {
    const { body } = await ask({});
    const { chain } = body['signedCertificateEmbeddedSct'] as { chain: { certificates: string[] } };
    const [leaf, intermediate, root] = chain.certificates.map((pem) => new X509Certificate(pem));

    expect(intermediate && leaf?.verify(intermediate.publicKey) && leaf.checkIssued(intermediate)).toBe(true);
    expect(root && intermediate?.verify(root.publicKey) && intermediate.checkIssued(root)).toBe(true);
  });

  it('carries the claims of a CI job', async () => {
    const leaf = leafOf(await ask(CI_TOKEN, CI_TOKEN.subject));
    const workflow = 'https://github.com/devstack/images/.github/workflows/promote.yaml@refs/heads/main';
    const numbers = Array.from({ length: 14 }, (_, index) => index + 9);

    expect(new X509Certificate(leaf).subjectAltName).toBe(`URI:${workflow}`);
    expect(Object.fromEntries(numbers.map((number) => [number, extension(leaf, number)]))).toEqual({
      9: workflow,
      10: '1'.repeat(40),
      11: 'github-hosted',
      12: 'https://github.com/devstack/images',
      13: '2'.repeat(40),
      14: 'refs/heads/main',
      15: '1001',
      16: 'https://github.com/devstack',
      17: '2002',
      18: workflow,
      19: '1'.repeat(40),
      20: 'push',
      21: 'https://github.com/devstack/images/actions/runs/3003/attempts/1',
      22: 'public',
    });
    expect([2, 3, 4, 5, 6].map((number) => extension(leaf, number))).toEqual([
      'push',
      '2'.repeat(40),
      'promote',
      'devstack/images',
      'refs/heads/main',
    ]);
  });

  it('names another issuer where Fulcio is told to take it', async () => {
    expect(extension(leafOf(await ask({ issuer: OTHER_ISSUER })), 8)).toBe(OTHER_ISSUER);
  });

  it('is given for a URI as subject', async () => {
    const subject = 'spiffe://devstack.example/signer';

    expect(new X509Certificate(leafOf(await ask({ subject }, subject))).subjectAltName).toBe(`URI:${subject}`);
  });

  it('is given by the v1 API as PEM', async () => {
    const { publicKey, privateKey } = keyPair();
    const proof = sign('sha256', Buffer.from(DEFAULT_SIGNER_EMAIL), privateKey).toString('base64');
    const request = { publicKey: { content: spkiOf(publicKey).toString('base64') }, signedEmailAddress: proof };
    const bearer = { authorization: `Bearer ${sigstore.token()}` };

    const { status, bytes } = await post(`${sigstore.url}/api/v1/signingCert`, request, bearer);

    expect([status, new X509Certificate(bytes).publicKey.equals(publicKey)]).toEqual([201, true]);
  });

  it.each([
    ['its own key', true, 200],
    ['another key', false, 400],
  ])('is given for a signing request only when it is signed by its own key: %s', async (_name, isOwn, expected) => {
    const { publicKey, privateKey } = keyPair();
    const info = der.sequence(der.integer(0), der.sequence(), spkiOf(publicKey), der.explicit(0));
    const csr = signCertificate(info, isOwn ? privateKey : keyPair().privateKey).toString('base64');
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${csr}\n-----END CERTIFICATE REQUEST-----\n`;

    const { status } = await post(`${sigstore.url}/api/v2/signingCert`, {
      credentials: { oidcIdentityToken: sigstore.token() },
      certificateSigningRequest: Buffer.from(pem).toString('base64'),
    });

    expect(status).toBe(expected);
  });
});

describe('Fulcio refuses', () => {
  it.each<[string, TokenRequest]>([
    ['another audience', { audience: 'registry' }],
    ['an expired token', { expiresInSeconds: -1 }],
    ['an unknown issuer', { issuer: 'https://evil.example' }],
    ['an e-mail address that is not verified', { claims: { email_verified: false } }],
    ['a subject that is no URI', { subject: 'signer' }],
    ['a token that is not valid yet', { claims: { nbf: NOW / 1000 + 3600 } }],
  ])('%s', async (_name, request) => {
    const token = sigstore.token(request);

    const answer = await requestCertificate(sigstore.url, {
      token,
      subject: request.subject ?? DEFAULT_SIGNER_EMAIL,
      keys: keyPair(),
    });

    expect(answer.status).toBe(401);
    expect(answer.bytes.toString()).not.toContain(token);
  });

  it('a token that another key signed', async () => {
    const token = other.token({ issuer: sigstore.url });

    const answer = await requestCertificate(sigstore.url, { token, subject: DEFAULT_SIGNER_EMAIL, keys: keyPair() });

    expect(answer.status).toBe(401);
  });

  it('a token whose claims were changed after it was signed', async () => {
    const [header, , signature] = sigstore.token().split('.');
    const claims = { iss: sigstore.url, aud: 'sigstore', exp: NOW, email: 'x@devstack.example', email_verified: true };
    const token = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;

    const answer = await requestCertificate(sigstore.url, { token, subject: 'x@devstack.example', keys: keyPair() });

    expect(answer.status).toBe(401);
  });

  it('a proof of possession over something else', async () => {
    const before = sigstore.counts().certificates;

    expect((await ask({}, 'someone-else@devstack.example')).status).toBe(400);
    expect(sigstore.counts().certificates).toBe(before);
  });
});
