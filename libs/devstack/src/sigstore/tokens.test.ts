// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SIGNER_EMAIL } from './oidc-issuer.ts';
import { post } from './sigstore-client.testing.ts';
import { type RunningSigstore, startSigstore } from './start-sigstore.ts';
import { METADATA_ACCOUNT, REQUEST_TOKEN } from './token-routes.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
let sigstore: RunningSigstore;
beforeAll(async () => {
  sigstore = await startSigstore({ now: () => NOW });
});
afterAll(async () => {
  await sigstore.close();
});

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
const get = (path: string, headers: Record<string, string> = {}) => fetch(sigstore.url + path, { headers });
const bearer = { authorization: `bearer ${REQUEST_TOKEN}` };
const flavour = { 'metadata-flavor': 'Google' };

describe('the OIDC issuer', () => {
  it('publishes the key that its tokens are signed with', async () => {
    const discovery = (await (await get('/.well-known/openid-configuration')).json()) as Record<string, string>;
    const { keys } = (await (await fetch(discovery['jwks_uri'] ?? '')).json()) as { keys: JsonWebKey[] };
    const [header, body, signature = ''] = sigstore.token().split('.');
    const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' });

    expect(discovery['issuer']).toBe(sigstore.url);
    expect(verify('sha256', Buffer.from(`${header}.${body}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  it('mints what the query or the body asks for', async () => {
    const query = new URLSearchParams({ email: 'a@devstack.example', expiresInSeconds: '5', claims: '{"ref":"x"}' });
    const fromQuery = await (await get(`/token?${query.toString()}`)).text();
    const fromBody = await post(`${sigstore.url}/token`, { subject: 'https://b.example', audience: 'c' });

    const seconds = NOW / 1000;
    const expected = { email: 'a@devstack.example', email_verified: true, ref: 'x', aud: 'sigstore', exp: seconds + 5 };
    expect(claimsOf(fromQuery)).toMatchObject(expected);
    expect(claimsOf(fromBody.bytes.toString())).toEqual({
      ...{ iss: sigstore.url, aud: 'c', sub: 'https://b.example', iat: seconds, nbf: seconds, exp: seconds + 3600 },
    });
  });

  it('mints for the default signer and counts', () => {
    const before = sigstore.counts().tokens;

    expect(claimsOf(sigstore.token())['email']).toBe(DEFAULT_SIGNER_EMAIL);
    expect(sigstore.counts().tokens).toBe(before + 1);
  });
});

describe('the endpoints of the wild', () => {
  it('answer like GitHub Actions, to the bearer of the request token alone', async () => {
    const answer = await get('/ci/token?api-version=2.0&audience=sigstore', bearer);
    const { value } = (await answer.json()) as { value: string };

    expect(claimsOf(value)).toMatchObject({ aud: 'sigstore', repository: 'devstack/images', event_name: 'push' });
    expect((await get('/ci/token?audience=sigstore', { authorization: 'bearer x' })).status).toBe(401);
  });

  it('answer like the metadata server: the account only in the full format, nothing without the flavour', async () => {
    const path = '/computeMetadata/v1/instance/service-accounts/default/identity?audience=sigstore';

    expect(claimsOf(await (await get(`${path}&format=full`, flavour)).text())['email']).toBe(METADATA_ACCOUNT);
    expect(claimsOf(await (await get(path, flavour)).text())['email']).toBeUndefined();
    expect((await get(`${path}&format=full`)).status).toBe(403);
  });

  it('answer like IAM: a token for the account that the path names, with the e-mail address when asked', async () => {
    const access = await get('/computeMetadata/v1/instance/service-accounts/default/token', flavour);
    const { access_token: token } = (await access.json()) as { access_token: string };
    const url = `${sigstore.url}/v1/projects/-/serviceAccounts/signer%40p.example:generateIdToken`;
    const authorization = { authorization: `Bearer ${token}` };
    const request = { audience: 'sigstore', includeEmail: true };

    const { body } = await post(url, request, authorization);
    const bare = await post(url, { audience: 'sigstore' }, authorization);

    const claims = claimsOf(String(body['token']));
    expect(claims).toMatchObject({ aud: 'sigstore', email: 'signer@p.example', email_verified: true });
    expect(claimsOf(String(bare.body['token']))['email']).toBeUndefined();
    expect((await post(url, request)).status).toBe(401);
  });
});
