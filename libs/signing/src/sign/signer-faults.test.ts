// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import {
  DEFAULT_SIGNER_EMAIL,
  type RunningSigstore,
  type SigstoreFault,
  type SigstoreService,
  startSigstore,
} from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '@promograph/oci';
import type { Examiner } from '../examiner.ts';
import { simpleSigningPayload } from '../simple-signing.ts';
import { createExaminer } from '../verify/create-examiner.ts';
import { PAYLOAD, STATEMENT, testClient, testSigner, trustedRootOf } from './signing-world.testing.ts';

let sigstore: RunningSigstore;
beforeEach(async () => {
  sigstore = await startSigstore();
});
afterEach(() => sigstore.close());

/** The first `times` requests to a service go wrong. */
function failFirst(service: SigstoreService, times: number, fault: SigstoreFault): void {
  let left = times;
  sigstore.setFault((request) => (request.service === service && (left -= 1) >= 0 ? fault : undefined));
}

const status = (code: number): SigstoreFault => ({ kind: 'status', status: code });

describe('services in trouble', () => {
  it.each<[string, SigstoreService, SigstoreFault]>([
    ['Fulcio answers 429', 'fulcio', status(429)],
    ['Fulcio answers 503', 'fulcio', status(503)],
    ['Rekor answers 500', 'rekorV1', status(500)],
    ['Rekor resets the connection', 'rekorV1', { kind: 'reset' }],
    ['the timestamp authority answers 502', 'tsa', status(502)],
  ])('%s twice: tried again, signed once', async (_, service, fault) => {
    failFirst(service, 2, fault);
    const signer = testSigner(sigstore);
    await signer.signPayload(PAYLOAD);

    expect(signer.counts()).toEqual({ tokens: 1, certificates: 1, logEntries: 1, timestamps: 1 });
    expect(sigstore.counts().rekorV1Entries).toBe(1);
  });

  it('Rekor v1 logs and does not say so: the entry is fetched, not written twice', async () => {
    failFirst('rekorV1', 1, { kind: 'drop-response' });
    const signer = testSigner(sigstore);
    const { log } = await signer.signStatement(STATEMENT);

    expect(log?.logIndex).toBe(0);
    expect(sigstore.counts().rekorV1Entries).toBe(1);
    expect(signer.counts().logEntries).toBe(1);
  });

  it('Rekor v2 logs and does not say so: a new signature is logged', async () => {
    failFirst('rekorV2', 1, { kind: 'drop-response' });
    const signer = testSigner(sigstore, { rekor: 2 });
    const { log } = await signer.signStatement(STATEMENT);

    expect(log?.logIndex).toBe(1);
    expect(signer.counts().logEntries).toBe(1);
  });

  it.each<[string, SigstoreService, string]>([
    ['Fulcio', 'fulcio', 'SIGNING_CERTIFICATE'],
    ['Rekor', 'rekorV1', 'SIGNING_LOG'],
    ['the timestamp authority', 'tsa', 'SIGNING_TIMESTAMP'],
  ])('%s refuses for good: one request, and an error that tells where', async (_, service, code) => {
    failFirst(service, 9, { kind: 'status', status: 400, body: '{"code":3,"message":"no, thanks"}' });
    const error: unknown = await testSigner(sigstore)
      .signPayload(PAYLOAD)
      .catch((failure: unknown) => failure);

    expect(error).toMatchObject({ code, method: 'POST', status: 400, retryable: false });
    expect(String(error)).toContain('no, thanks');
    expect(sigstore.counts().requests[service]).toBe(1);
  });

  it('a service that never answers is given up after its time', async () => {
    failFirst('rekorV1', 9, { kind: 'hang' });
    const client = testClient({ timeouts: { headersMs: 50 } });
    const signer = testSigner(sigstore, { rest: { client } });

    await expect(signer.signPayload(PAYLOAD)).rejects.toMatchObject({ code: 'SIGNING_LOG', retryable: true });
    expect(sigstore.counts().requests.rekorV1).toBe(3);
  });

  it('a redirect is not followed', async () => {
    const headers = { location: `${sigstore.url}/elsewhere` };
    failFirst('fulcio', 9, { kind: 'status', status: 307, headers });

    await expect(testSigner(sigstore).prepare()).rejects.toMatchObject({ code: 'SIGNING_CERTIFICATE', status: 307 });
    expect(sigstore.counts().requests.fulcio).toBe(1);
  });
});

describe('an identity that is not the configured one', () => {
  it.each([
    ['another subject', { subject: 'other@example.org' }],
    ['a look-alike', { subject: DEFAULT_SIGNER_EMAIL.replace('.', 'x') }],
    ['another issuer', { issuer: 'https://accounts.example.org' }],
  ])('%s: refused before its first use, both told, never asked again', async (_, identity) => {
    const signer = testSigner(sigstore, { identity });
    const error: unknown = await signer.prepare().catch((failure: unknown) => failure);

    expect(error).toMatchObject({ code: 'SIGNING_IDENTITY' });
    expect(String(error)).toContain(DEFAULT_SIGNER_EMAIL);
    expect(String(error)).toContain(Object.values(identity)[0]);
    await expect(signer.signPayload(PAYLOAD)).rejects.toBe(error);
    expect(sigstore.counts()).toMatchObject({ certificates: 1, rekorV1Entries: 0 });
  });

  it('a certificate for another key is refused', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const identity = { email: DEFAULT_SIGNER_EMAIL };
    const [certificate] = sigstore.forge.certificate({ publicKey, identity });
    sigstore.setFault(({ service }) =>
      service === 'fulcio' ? { kind: 'rewrite', rewrite: (body) => withLeaf(body, certificate) } : undefined,
    );

    await expect(testSigner(sigstore).prepare()).rejects.toThrow(/for another key/);
  });

  it('an expired token never leaves', async () => {
    const token = (): string => sigstore.token({ expiresInSeconds: 30 });

    await expect(testSigner(sigstore, { token }).prepare()).rejects.toMatchObject({ code: 'SIGNING_TOKEN' });
    expect(sigstore.counts().requests.fulcio).toBe(0);
  });
});

describe('what does not verify', () => {
  const answers = (codes: readonly ('SIG_TIME' | 'SIG_CRYPTO' | null)[]): Examiner => {
    const right = createExaminer({ trustedRoots: [trustedRootOf(sigstore)] });
    const left = [...codes];
    return {
      examine: async (...request) => {
        const examination = await right.examine(...request);
        const code = left.shift() ?? null;
        return code === null ? examination : { ...examination, status: 'failed', code, message: 'made up' };
      },
    };
  };

  it('is signed once more with a fresh certificate when a witness came too late', async () => {
    const signer = testSigner(sigstore, { rest: { examiner: answers(['SIG_TIME', null]) } });
    await signer.signPayload(PAYLOAD);

    expect(signer.counts()).toEqual({ tokens: 1, certificates: 2, logEntries: 2, timestamps: 2 });
  });

  it('is signed once more when the log was slower than the certificate lives', async () => {
    let lateMs = 0;
    const now = (): number => Date.now() + lateMs;
    const slow = await startSigstore({ now });
    let jumps = 1;
    slow.setFault(({ service }) => {
      if (service === 'rekorV1' && (jumps -= 1) >= 0) lateMs += 700_000;
      return undefined;
    });
    const signer = testSigner(slow, { rest: { epochMs: now } });
    await signer.signPayload(PAYLOAD).finally(() => slow.close());

    expect(signer.counts()).toEqual({ tokens: 1, certificates: 2, logEntries: 2, timestamps: 2 });
  });

  it('is given up when that is too late as well', async () => {
    const signer = testSigner(sigstore, { rest: { examiner: answers(['SIG_TIME', 'SIG_TIME', null]) } });

    await expect(signer.signPayload(PAYLOAD)).rejects.toMatchObject({ code: 'SIGNING_SELF_CHECK' });
    expect(signer.counts().certificates).toBe(2);
  });

  it('is never returned, and not tried again, for any other reason', async () => {
    const signer = testSigner(sigstore, { rest: { examiner: answers(['SIG_CRYPTO', null]) } });

    await expect(signer.signStatement(STATEMENT)).rejects.toMatchObject({ code: 'SIGNING_SELF_CHECK' });
    expect(signer.counts().logEntries).toBe(1);
  });

  it('is found against the real thing: a log that answers another entry', async () => {
    const other = await testSigner(sigstore).signPayload(
      simpleSigningPayload('registry.example/other', digestOf('image')),
    );
    const stolen = sigstore.entries()[0]?.body.toString('base64') ?? '';
    sigstore.setFault(({ service }) =>
      service === 'rekorV1' ? { kind: 'rewrite', rewrite: (body) => withBody(body, stolen) } : undefined,
    );

    expect(other.log?.logIndex).toBe(0);
    await expect(testSigner(sigstore).signPayload(PAYLOAD)).rejects.toMatchObject({ code: 'SIGNING_SELF_CHECK' });
  });
});

function withLeaf(body: Buffer, pem: string): string {
  const answer = JSON.parse(body.toString()) as { signedCertificateEmbeddedSct: { chain: { certificates: string[] } } };
  answer.signedCertificateEmbeddedSct.chain.certificates[0] = pem;
  return JSON.stringify(answer);
}

function withBody(answer: Buffer, body: string): string {
  const [[id, entry] = ['', {}]] = Object.entries(JSON.parse(answer.toString()) as Record<string, object>);
  return JSON.stringify({ [id]: { ...entry, body } });
}
