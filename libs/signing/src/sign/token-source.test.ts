// SPDX-License-Identifier: Apache-2.0
import { inspect } from 'node:util';
import { CI_TOKEN, METADATA_ACCOUNT, REQUEST_TOKEN, type RunningSigstore, startSigstore } from '@promograph/devstack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceClient } from './service-client.ts';
import { testClient } from './signing-world.testing.ts';
import { createTokenSource, type TokenOrigin, type TokenSource, type TokenSourceOptions } from './token-source.ts';

const ACCOUNT = 'signer@project.iam.gserviceaccount.com';

let sigstore: RunningSigstore;
let client: ServiceClient;
beforeAll(async () => {
  sigstore = await startSigstore();
  client = testClient();
});
afterEach(() => sigstore.setFault(undefined));
afterAll(async () => {
  await client.close();
  await sigstore.close();
});

function source(origin: TokenOrigin, options: Partial<TokenSourceOptions> = {}): TokenSource {
  const env = { SIGSTORE_ID_TOKEN: sigstore.token({ email: 'ambient@example.org' }), ...options.env };
  const accessToken = async (): Promise<string> => REQUEST_TOKEN;
  const rest = { accessToken, iamEndpoint: sigstore.url };
  return createTokenSource(origin, { client, subject: ACCOUNT, ...rest, ...options, env });
}

const github = (): TokenSourceOptions['env'] => ({
  ACTIONS_ID_TOKEN_REQUEST_URL: `${sigstore.url}/ci/token?api-version=2.0`,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
});

describe('createTokenSource', () => {
  it('asks GitHub Actions for audience sigstore', async () => {
    const token = await source({ kind: 'github' }, { env: github(), subject: 'https://github.com/workflow' }).token();

    expect(token.holder).toBe(CI_TOKEN.subject);
    expect(token.secret.reveal().split('.')).toHaveLength(3);
  });

  it('reads the environment, and the variable that it is told', async () => {
    const env = { OTHER: sigstore.token({ email: ACCOUNT }) };

    expect((await source({ kind: 'env' }, { subject: 'ambient@example.org' }).token()).holder).toBe(
      'ambient@example.org',
    );
    expect((await source({ kind: 'env', variable: 'OTHER' }, { env }).token()).holder).toBe(ACCOUNT);
  });

  it('reads a file, by default where cosign looks', async () => {
    const paths: string[] = [];
    const readFile = async (path: string): Promise<string> => {
      paths.push(path);
      return `${sigstore.token({ email: ACCOUNT })}\n`;
    };
    await source({ kind: 'file' }, { readFile }).token();
    await source({ kind: 'file', path: '/run/token' }, { readFile }).token();

    expect(paths).toEqual(['/var/run/sigstore/cosign/oidc-token', '/run/token']);
  });

  it('asks the metadata server in the format that names the account', async () => {
    const env = { GCE_METADATA_HOST: new URL(sigstore.url).host };

    expect((await source({ kind: 'metadata' }, { env, subject: METADATA_ACCOUNT }).token()).holder).toBe(
      METADATA_ACCOUNT,
    );
  });

  it('impersonates a service account', async () => {
    expect((await source({ kind: 'impersonate', account: ACCOUNT }).token()).holder).toBe(ACCOUNT);
  });

  it('keeps a token until 5 minutes before its end, and gets one for all who ask at once', async () => {
    let nowMs = Date.now();
    const readFile = async (): Promise<string> => sigstore.token({ email: ACCOUNT, expiresInSeconds: 3600 });
    const tokens = source({ kind: 'file' }, { readFile, epochMs: () => nowMs });
    const [first, second] = await Promise.all([tokens.token(), tokens.token()]);
    nowMs += 3600_000 - 301_000;
    const third = await tokens.token();
    nowMs += 2000;
    const fourth = await tokens.token();

    expect([second, third]).toEqual([first, first]);
    expect(fourth).not.toBe(first);
    expect(tokens.obtained()).toBe(2);
  });
});

describe('a token that must not be used', () => {
  const holding = (token: string): TokenSource => source({ kind: 'env' }, { env: { SIGSTORE_ID_TOKEN: token } });

  it.each<[string, () => string, string]>([
    ['for another audience', () => sigstore.token({ email: ACCOUNT, audience: 'other' }), 'SIGNING_TOKEN'],
    ['with less than a minute left', () => sigstore.token({ email: ACCOUNT, expiresInSeconds: 59 }), 'SIGNING_TOKEN'],
    [
      'of an address that nobody verified',
      () => sigstore.token({ email: ACCOUNT, claims: { email_verified: false } }),
      'SIGNING_TOKEN',
    ],
    ['of somebody else', () => sigstore.token({ email: 'other@example.org' }), 'SIGNING_IDENTITY'],
    ['of a look-alike', () => sigstore.token({ email: ACCOUNT.replace('.', 'x') }), 'SIGNING_IDENTITY'],
    ['without an address where one is expected', () => sigstore.token(CI_TOKEN), 'SIGNING_IDENTITY'],
    ['that is none', () => 'not-a-token', 'SIGNING_TOKEN'],
    ['of two parts', () => 'abcd.efgh', 'SIGNING_TOKEN'],
    ['whose claims are no JSON', () => 'abcd.efgh.ijkl', 'SIGNING_TOKEN'],
    ['that is empty', () => '', 'SIGNING_TOKEN'],
  ])('%s', async (_, token, code) => {
    await expect(holding(token()).token()).rejects.toMatchObject({ code });
  });

  it('names both, the expected and the actual signer', async () => {
    const token = sigstore.token({ email: 'other@example.org' });

    await expect(holding(token).token()).rejects.toThrow(new RegExp(`other@example.org.*${ACCOUNT}`));
  });
});

describe('a source that fails', () => {
  it('83. never falls back to a token that lies about', async () => {
    const none = async (): Promise<string | null> => null;
    const accessToken = async (): Promise<string> => 'wrong';
    const impersonate: TokenOrigin = { kind: 'impersonate', account: ACCOUNT };
    const ambient = { ...github(), SIGSTORE_ID_TOKEN: sigstore.token({ email: ACCOUNT }) };

    await expect(source(impersonate, { accessToken: none, env: ambient }).token()).rejects.toMatchObject({
      code: 'SIGNING_TOKEN',
    });
    await expect(source(impersonate, { accessToken, env: ambient }).token()).rejects.toMatchObject({
      code: 'SIGNING_TOKEN',
      status: 401,
    });
  });

  it.each<[string, TokenOrigin, RegExp]>([
    ['GitHub Actions without permission', { kind: 'github' }, /cannot ask GitHub Actions/],
    ['an empty environment', { kind: 'env', variable: 'NONE' }, /NONE is not set/],
    ['a missing file', { kind: 'file', path: '/nowhere/token' }, /cannot be read \(ENOENT\)/],
  ])('%s: says what is missing', async (_, origin, message) => {
    await expect(source(origin).token()).rejects.toThrow(message);
  });
});

describe('no token in any error', () => {
  const canary = (): string => sigstore.token({ email: ACCOUNT, claims: { canary: 'x'.repeat(400) } });

  it.each<[string, (token: string) => string]>([
    ['repeats the token', (token) => `invalid identity token: ${token}`],
    ['repeats its parts', (token) => token.split('.').join(' and ')],
    ['repeats it late, where the text is cut', (token) => 'x'.repeat(250) + token],
    ['wraps it in JSON', (token) => JSON.stringify({ code: 16, message: `invalid: ${token}` })],
    ['calls it a code', (token) => JSON.stringify({ errors: [{ code: token, message: token.split('.')[1] }] })],
  ])('Fulcio %s', async (_, say) => {
    const token = canary();
    sigstore.setFault(() => ({ kind: 'status', status: 401, body: say(token) }));
    const { requestCertificate } = await import('./signing-certificate.ts');
    const identity = { subject: ACCOUNT, issuer: sigstore.url };
    const issued = await source({ kind: 'env', variable: 'T' }, { env: { T: token } }).token();
    const error: unknown = await requestCertificate({
      authority: new URL(sigstore.url),
      client,
      token: issued,
      identity,
    }).catch((failure: unknown) => failure);

    expect(error).toMatchObject({ code: 'SIGNING_CERTIFICATE', status: 401 });
    expectNoTrace(error, token);
  });

  it('a token service answers with a token in the wrong place', async () => {
    const token = canary();
    sigstore.setFault(() => ({ kind: 'rewrite', rewrite: () => token }));
    const error: unknown = await source({ kind: 'github' }, { env: github() })
      .token()
      .catch((failure: unknown) => failure);

    expect(error).toMatchObject({ code: 'SIGNING_TOKEN' });
    expectNoTrace(error, token);
  });

  it('a token is refused', async () => {
    const token = canary();
    const error: unknown = await source({ kind: 'env' }, { subject: 'x@y', env: { SIGSTORE_ID_TOKEN: token } })
      .token()
      .catch((failure: unknown) => failure);

    expect(error).toMatchObject({ code: 'SIGNING_IDENTITY' });
    expectNoTrace(error, token);
  });
});

function expectNoTrace(error: unknown, token: string): void {
  const shown = inspect(error, { depth: 10, showHidden: true, maxStringLength: Infinity }) + JSON.stringify(error);
  for (const part of token.split('.')) {
    // Not even a piece of a part: texts are cut.
    for (const piece of part.match(/.{1,24}/g) ?? []) if (piece.length === 24) expect(shown).not.toContain(piece);
  }
}
