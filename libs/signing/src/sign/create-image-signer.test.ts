// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from 'node:crypto';
import { DEFAULT_SIGNER_EMAIL, REQUEST_TOKEN, type RunningSigstore, startSigstore } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createExaminer } from '../verify/create-examiner.ts';
import { verifyArtifactBundle } from '../verify/verify-artifact-bundle.ts';
import { createArtifactSigner } from './create-artifact-signer.ts';
import { bundlePiece } from './self-check.ts';
import {
  PAYLOAD,
  servicesOf,
  STATEMENT,
  testClient,
  testSigner,
  tokensOf,
  trustedRootOf,
} from './signing-world.testing.ts';
import { createTokenSource } from './token-source.ts';

let sigstore: RunningSigstore;
beforeEach(async () => {
  sigstore = await startSigstore();
});
afterEach(() => sigstore.close());

describe('a keyless signer', () => {
  it('signs payloads for the .sig layout, with everything that cosign reads', async () => {
    const signer = testSigner(sigstore);
    const { bytes, annotations, log } = await signer.signPayload(PAYLOAD);
    const entry = JSON.parse(annotations['dev.sigstore.cosign/bundle'] ?? '') as { Payload: { body: string } };
    const body = JSON.parse(Buffer.from(entry.Payload.body, 'base64').toString()) as { kind: string };
    const certificate = annotations['dev.sigstore.cosign/certificate'] ?? '';

    expect(bytes).toEqual(PAYLOAD);
    expect(Object.keys(annotations)).toEqual([
      'dev.cosignproject.cosign/signature',
      'dev.sigstore.cosign/certificate',
      'dev.sigstore.cosign/chain',
      'dev.sigstore.cosign/bundle',
      'dev.sigstore.cosign/rfc3161timestamp',
    ]);
    expect(body).toMatchObject({
      apiVersion: '0.0.1',
      kind: 'hashedrekord',
      spec: { signature: { publicKey: { content: Buffer.from(certificate).toString('base64') } } },
    });
    expect(new X509Certificate(certificate).subjectAltName).toBe(`email:${DEFAULT_SIGNER_EMAIL}`);
    expect(annotations['dev.sigstore.cosign/chain']?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(log).toEqual({ logId: expect.stringMatching(/^[0-9a-f]{64}$/), logIndex: 0 });
  });

  it.each([1, 2] as const)('signs statements as bundles v0.3 with a Rekor v%i log', async (rekor) => {
    const signer = testSigner(sigstore, { rekor });
    const { bundle, log } = await signer.signStatement(STATEMENT);
    const json = JSON.parse(bundle.toString()) as Record<string, Record<string, unknown>>;
    const { status, signer: principal } = await createExaminer({ trustedRoots: [trustedRootOf(sigstore)] }).examine(
      bundlePiece(bundle),
      'registry.example/app',
    );

    expect(json['mediaType']).toBe('application/vnd.dev.sigstore.bundle.v0.3+json');
    expect(Object.keys(json['verificationMaterial'] ?? {})).toContain('certificate');
    expect(json['dsseEnvelope']).toMatchObject({
      payload: STATEMENT.toString('base64'),
      payloadType: 'application/vnd.in-toto+json',
    });
    expect({ status, principal }).toEqual({
      status: 'verified',
      principal: { kind: 'certificate', subject: DEFAULT_SIGNER_EMAIL, issuer: sigstore.url, buildConfigUri: null },
    });
    expect(log?.logIndex).toBe(0);
  });

  it('cannot write the .sig layout with a Rekor v2 log, and asks no service to find out', async () => {
    const signer = testSigner(sigstore, { rekor: 2 });

    expect(signer.canSignPayloads).toBe(false);
    await expect(signer.signPayload(PAYLOAD)).rejects.toMatchObject({ code: 'SIGNING_LEGACY_UNSUPPORTED' });
    expect(sigstore.counts().requests.fulcio).toBe(0);
  });

  it('takes one token and one certificate for many signatures, and counts what it got', async () => {
    const signer = testSigner(sigstore, { rest: { maxInFlight: 5 } });
    await signer.prepare();
    const statements = Array.from({ length: 12 }, (_, index) =>
      Buffer.from(`${STATEMENT.toString()}${' '.repeat(index)}`),
    );
    await Promise.all(statements.map((statement) => signer.signStatement(statement)));
    const { certificates, rekorV1Entries, timestamps, tokens } = sigstore.counts();

    expect(signer.counts()).toEqual({ tokens: 1, certificates: 1, logEntries: 12, timestamps: 12 });
    expect({ certificates, rekorV1Entries, timestamps, tokens }).toEqual({
      certificates: 1,
      rekorV1Entries: 12,
      timestamps: 12,
      tokens: 1,
    });
  });

  it('signs from GitHub Actions as the workflow that the certificate names', async () => {
    const client = testClient();
    const identity = {
      subject: 'https://github.com/devstack/images/.github/workflows/promote.yaml@refs/heads/main',
      issuer: sigstore.url,
    };
    const env = {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${sigstore.url}/ci/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
    };
    const tokens = createTokenSource({ kind: 'github' }, { client, subject: identity.subject, env });
    const signer = testSigner(sigstore, { rest: { signatory: { kind: 'keyless', identity, tokens } } });
    const { annotations } = await signer.signPayload(PAYLOAD);
    const certificate = new X509Certificate(annotations['dev.sigstore.cosign/certificate'] ?? '');

    expect(certificate.subjectAltName).toBe(`URI:${identity.subject}`);
  });

  it('never has more under way than it may', async () => {
    let [underWay, most] = [0, 0];
    sigstore.setFault(async ({ service }) => {
      if (service !== 'rekorV1') return undefined;
      most = Math.max(most, (underWay += 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
      underWay -= 1;
      return undefined;
    });
    const signer = testSigner(sigstore, { rest: { maxInFlight: 3 } });
    await Promise.all(Array.from({ length: 9 }, () => signer.signPayload(PAYLOAD)));

    expect(most).toBe(3);
  });

  it('signs nothing once it is cancelled or closed', async () => {
    const signer = testSigner(sigstore);
    const reason = new Error('enough');
    await expect(signer.signPayload(PAYLOAD, AbortSignal.abort(reason))).rejects.toBe(reason);
    await signer.close();
    await expect(signer.signStatement(STATEMENT)).rejects.toMatchObject({ message: 'the signer is closed' });
    expect(sigstore.counts().rekorV1Entries).toBe(0);
  });

  it('is refused where its signatures could never be verified', () => {
    const services = servicesOf(sigstore, 2);
    const without = (rest: object) => () => testSigner(sigstore, { rest: { services: { ...services, ...rest } } });

    expect(without({ logs: [] })).toThrow(/names no transparency log/);
    expect(without({ timestampAuthorities: [] })).toThrow(/a log without times/);
    expect(without({ certificateAuthority: null })).toThrow(/no certificate authority/);
  });
});

describe('a signer of files', () => {
  it.each([1, 2] as const)('makes bundles of message signatures with a Rekor v%i log', async (rekor) => {
    const client = testClient();
    const identity = { subject: DEFAULT_SIGNER_EMAIL, issuer: sigstore.url };
    const trust = { trustedRoots: [trustedRootOf(sigstore)] };
    const signer = createArtifactSigner({
      signatory: { kind: 'keyless', identity, tokens: tokensOf(sigstore, client) },
      services: servicesOf(sigstore, rekor),
      client,
      verify: (bundle, bytes) => verifyArtifactBundle(bundle, { bytes }, trust),
    });
    const artifact = Buffer.from('any file');
    const bundle = await signer.sign(artifact);
    const ofOther = verifyArtifactBundle(bundle, { bytes: Buffer.from('another file') }, trust);

    expect(verifyArtifactBundle(bundle, { bytes: artifact }, trust).code).toBeNull();
    expect(ofOther.code).not.toBeNull();
    expect(signer.counts()).toEqual({ tokens: 1, certificates: 1, logEntries: 1, timestamps: 1 });
  });
});
