// SPDX-License-Identifier: Apache-2.0
import { type RunningSigstore, startSigstore } from '@promograph/devstack';
import { digestOf } from '@promograph/oci';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvidencePiece } from '../evidence.ts';
import type { Examination } from '../examination.ts';
import type { Examiner } from '../examiner.ts';
import { SIGN_PREDICATE_TYPE } from '../statement.ts';
import { createExaminer } from './create-examiner.ts';
import {
  bundleReferrer,
  forgeAttestationLayer,
  forgeBundle,
  forgeSignatureLayer,
  forgeSigner,
  type ForgedSigner,
  keySigner,
  simpleSigning,
  statementOf,
  SUBJECT,
  trustedRootOf,
} from './forged-evidence.testing.ts';

const EMAIL = 'signer@devstack.example';
const REFERENCE = 'registry.example/app';
const PAYLOAD = simpleSigning(REFERENCE, SUBJECT);
const SLSA = 'https://slsa.dev/provenance/v1';
const digest = { sha256: SUBJECT.slice('sha256:'.length) };
const STATEMENT = statementOf(SIGN_PREDICATE_TYPE, { name: REFERENCE, digest });
const PROVENANCE = statementOf(SLSA, { name: REFERENCE, digest });

let sigstore: RunningSigstore;
let signer: ForgedSigner;
let key: ForgedSigner;
let examiner: Examiner;
beforeAll(async () => {
  sigstore = await startSigstore();
  signer = forgeSigner(sigstore, { identity: { email: EMAIL } });
  key = keySigner();
  examiner = createExaminer({ trustedRoots: [trustedRootOf(sigstore)], keys: [key.verifierPem] });
});
afterAll(() => sigstore.close());

const examine = (piece: EvidencePiece): Promise<Examination> => examiner.examine(piece, 'registry.example/app');
const edit = (piece: EvidencePiece, change: (json: Bundle) => object): EvidencePiece =>
  bundleReferrer(change(parse(piece)));
const parse = (piece: EvidencePiece): Bundle => JSON.parse(piece.bytes.toString()) as Bundle;

interface Bundle {
  readonly verificationMaterial: { readonly tlogEntries: readonly object[]; readonly certificate?: object };
  readonly dsseEnvelope: { readonly signatures: readonly { readonly sig: string }[] };
}

describe('an examiner verifies', () => {
  it.each<[string, () => EvidencePiece]>([
    ['a .sig layer', () => forgeSignatureLayer(sigstore, signer, { payload: PAYLOAD })],
    ['a .sig layer of a key', () => forgeSignatureLayer(sigstore, key, { payload: PAYLOAD })],
    ['an .att layer logged as dsse', () => forgeAttestationLayer(sigstore, signer, { statement: PROVENANCE })],
    [
      'an .att layer logged as intoto 0.0.1',
      () => forgeAttestationLayer(sigstore, signer, { statement: PROVENANCE, kind: 'intoto' }),
    ],
    ['a bundle in Rekor v1', () => forgeBundle(sigstore, signer, { statement: STATEMENT })],
    [
      'a bundle in Rekor v2 with a timestamp',
      () => forgeBundle(sigstore, signer, { statement: STATEMENT, log: 'v2', stampedAt: new Date() }),
    ],
    [
      'a bundle in Rekor v1 without a promise but with a timestamp',
      () => forgeBundle(sigstore, signer, { statement: STATEMENT, withoutPromise: true, stampedAt: new Date() }),
    ],
    ['a bundle of a key in Rekor v1', () => forgeBundle(sigstore, key, { statement: STATEMENT })],
    ['a bundle of a key in Rekor v2', () => forgeBundle(sigstore, key, { statement: STATEMENT, log: 'v2' })],
  ])('%s, the first and the second time', async (_name, forge) => {
    const first = await examine(forge());
    const second = await examine(forge());

    expect(first).toMatchObject({ status: 'verified', code: null, message: '' });
    expect(second).toMatchObject({ status: 'verified', signer: first.signer });
    expect([first.payload, first.statement].filter((content) => content !== null)).toHaveLength(1);
  });

  it('and tells who signed, what, and where it is logged', async () => {
    const piece = forgeSignatureLayer(sigstore, signer, { payload: PAYLOAD });
    const found = await examine(piece);

    expect(found.signer).toEqual({ kind: 'certificate', subject: EMAIL, issuer: sigstore.url, buildConfigUri: null });
    expect(found.payload).toEqual({ dockerReference: REFERENCE, digest: SUBJECT, optional: {} });
    expect(found.log?.logId).toMatch(/^[0-9a-f]{64}$/);
    expect(found.place).toEqual({
      layout: 'sig',
      location: `registry.example/app@${piece.manifest}`,
      layer: piece.layer,
    });
  });

  it('with one of several trusted roots', async () => {
    const stranger = await startSigstore();
    const both = createExaminer({ trustedRoots: [trustedRootOf(stranger), trustedRootOf(sigstore)] });
    const found = await both.examine(forgeBundle(sigstore, signer, { statement: STATEMENT }), 'r');
    await stranger.close();

    expect(found.status).toBe('verified');
  });

  it('a key signature without any log, where no trusted root is at hand', async () => {
    const alone = createExaminer({ trustedRoots: [], keys: [key.verifierPem] });

    expect(await alone.examine(forgeBundle(sigstore, key, { statement: STATEMENT, log: 'none' }), 'r')).toMatchObject({
      status: 'verified',
    });
    expect(await examine(forgeBundle(sigstore, key, { statement: STATEMENT, log: 'none' }))).toMatchObject({
      status: 'failed',
      code: 'SIG_LOG_BODY',
    });
  });
});

describe('an examiner refuses', () => {
  const HOUR_MS = 3_600_000;
  const past = (): number => Math.floor((Date.now() - HOUR_MS) / 1000);
  const other = (): ForgedSigner => forgeSigner(sigstore, { identity: { email: EMAIL } });
  const expired = (): ForgedSigner =>
    forgeSigner(sigstore, { identity: { email: EMAIL }, notBefore: new Date(Date.now() - HOUR_MS) });
  const bundle = (forgery: object = {}): EvidencePiece =>
    forgeBundle(sigstore, signer, { statement: STATEMENT, ...forgery });
  const layer = (forgery: object = {}): EvidencePiece =>
    forgeSignatureLayer(sigstore, signer, { payload: PAYLOAD, ...forgery });
  const att = (forgery: object = {}): EvidencePiece =>
    forgeAttestationLayer(sigstore, signer, { statement: PROVENANCE, ...forgery });
  const withEntries = (change: (entries: readonly object[]) => readonly object[]): EvidencePiece =>
    edit(bundle(), ({ verificationMaterial, ...json }) => ({
      ...json,
      verificationMaterial: { ...verificationMaterial, tlogEntries: change(verificationMaterial.tlogEntries) },
    }));
  const withSignatures = (count: number): EvidencePiece =>
    edit(bundle(), ({ dsseEnvelope, ...json }) => {
      const signatures = Array.from({ length: count }, () => dsseEnvelope.signatures[0]);
      return { ...json, dsseEnvelope: { ...dsseEnvelope, signatures } };
    });

  it.each<[string, string, () => EvidencePiece]>([
    ['a .sig whose payload was replaced', 'SIG_CRYPTO', () => layer({ signedBytes: Buffer.from('other') })],
    ['a bundle whose statement was replaced', 'SIG_CRYPTO', () => bundle({ signedBytes: PROVENANCE })],
    ['a .sig logged for another key', 'SIG_LOG_KEY', () => layer({ loggedBy: other() })],
    ['an .att logged for another key', 'SIG_LOG_KEY', () => att({ loggedBy: other() })],
    ['an old .att logged for another key', 'SIG_LOG_KEY', () => att({ kind: 'intoto', loggedBy: other() })],
    ['a bundle logged in Rekor v1 for another key', 'SIG_LOG_KEY', () => bundle({ loggedBy: other() })],
    [
      'a bundle logged in Rekor v2 for another key',
      'SIG_LOG_KEY',
      () => bundle({ log: 'v2', stampedAt: new Date(), loggedBy: other() }),
    ],
    [
      'a bundle whose log entry is of another kind',
      'SIG_LOG_BODY',
      () => bundle({ logBody: () => ({ apiVersion: '0.0.1', kind: 'rekord', spec: {} }) }),
    ],
    [
      'a bundle with a log entry of other content',
      'SIG_LOG_BODY',
      () =>
        withEntries(
          () => parse(forgeBundle(sigstore, signer, { statement: PROVENANCE })).verificationMaterial.tlogEntries,
        ),
    ],
    ['a bundle that shows one log entry twice', 'SIG_LOG_BODY', () => withEntries(([one]) => [one ?? {}, one ?? {}])],
    ['a bundle without a log entry', 'SIG_LOG_BODY', () => bundle({ log: 'none', stampedAt: new Date() })],
    [
      'a log entry whose promise is for another second',
      'SIG_LOG_BODY',
      () => withEntries(([one]) => [{ ...one, integratedTime: String(Math.floor(Date.now() / 1000) + 1) }]),
    ],
    ['a bundle without promise or timestamp', 'SIG_TIME', () => bundle({ withoutPromise: true })],
    ['a bundle in Rekor v2 without a timestamp', 'SIG_TIME', () => bundle({ log: 'v2' })],
    ['a .sig without a log entry', 'SIG_TIME', () => layer({ log: 'none' })],
    ['a promise before the certificate', 'SIG_TIME', () => bundle({ integratedTime: past() })],
    ['a .sig promised before the certificate', 'SIG_TIME', () => layer({ integratedTime: past() })],
    [
      'a timestamp before the certificate',
      'SIG_TIME',
      () => bundle({ log: 'v2', stampedAt: new Date(Date.now() - HOUR_MS) }),
    ],
    [
      'an expired certificate without promise or timestamp',
      'SIG_TIME',
      () => forgeBundle(sigstore, expired(), { statement: STATEMENT, withoutPromise: true }),
    ],
    [
      'a promise after the certificate',
      'SIG_TIME',
      () => forgeSignatureLayer(sigstore, expired(), { payload: PAYLOAD }),
    ],
    [
      'a certificate that no log of certificates saw',
      'SIG_CHAIN',
      () =>
        forgeBundle(sigstore, forgeSigner(sigstore, { identity: { email: EMAIL }, withoutSct: true }), {
          statement: STATEMENT,
        }),
    ],
    ['an envelope with two signatures', 'DSSE_SIGNATURES', () => withSignatures(2)],
    ['an envelope without a signature', 'DSSE_SIGNATURES', () => withSignatures(0)],
    ['another payload type', 'STMT_TYPE', () => bundle({ payloadType: 'text/plain' })],
    [
      'another statement type',
      'STMT_TYPE',
      () => bundle({ statement: Buffer.from(STATEMENT.toString().replace('Statement/v1', 'Statement/v9')) }),
    ],
    ['a payload that is no statement', 'SIG_FORMAT', () => bundle({ statement: Buffer.from('{}') })],
    ['a .sig that signs something else than a payload', 'SIG_FORMAT', () => layer({ payload: Buffer.from('{}') })],
    [
      'a bundle of an unknown version',
      'SIG_FORMAT',
      () => edit(bundle(), (json) => ({ ...json, mediaType: 'application/vnd.dev.sigstore.bundle.v9.9+json' })),
    ],
    ['bytes that are not the layer', 'SIG_FORMAT', () => ({ ...layer(), bytes: Buffer.from('other') })],
    [
      'more log entries than anybody needs',
      'EVIDENCE_LIMIT',
      () => withEntries(([one]) => Array.from({ length: 9 }, () => one ?? {})),
    ],
    ['a payload of two megabytes', 'EVIDENCE_LIMIT', () => layer({ payload: Buffer.alloc(2 << 20) })],
  ])('%s: %s', async (_name, code, forge) => {
    expect(await examine(forge())).toMatchObject({ status: 'failed', code, payload: null, statement: null });
  });

  it('what another sigstore signed as unverifiable, and tells whom it claims', async () => {
    const stranger = await startSigstore();
    const strange = forgeSigner(stranger, { identity: { email: EMAIL }, issuer: sigstore.url });
    const pieces = [
      forgeBundle(stranger, strange, { statement: STATEMENT }),
      forgeSignatureLayer(stranger, strange, { payload: PAYLOAD }),
      forgeAttestationLayer(stranger, strange, { statement: PROVENANCE }),
      forgeBundle(stranger, keySigner(), { statement: STATEMENT }),
    ];
    const found = await Promise.all(pieces.map(examine));
    await stranger.close();

    expect(found.map(({ status, code }) => [status, code])).toEqual([
      ['unverifiable', 'SIG_CHAIN'],
      ['unverifiable', 'SIG_CHAIN'],
      ['unverifiable', 'SIG_CHAIN'],
      ['unverifiable', 'SIG_KEY'],
    ]);
    expect(found[0]?.signer).toMatchObject({ subject: EMAIL, issuer: sigstore.url });
  });

  it('a bundle whose log has no start of validity in the trusted root', async () => {
    const root = trustedRootOf(sigstore) as { tlogs: { publicKey: { validFor?: object } }[] };
    const tlogs = root.tlogs.map((log) => ({ ...log, publicKey: { ...log.publicKey, validFor: {} } }));
    const startless = createExaminer({ trustedRoots: [{ ...root, tlogs }] });

    expect(await startless.examine(bundle(), 'r')).toMatchObject({ status: 'unverifiable', code: 'SIG_LOG_BODY' });
  });

  it('a wrong signature under the hint of a trusted key', async () => {
    const piece = edit(forgeBundle(sigstore, keySigner(), { statement: STATEMENT }), (json) => {
      const honest = parse(forgeBundle(sigstore, key, { statement: STATEMENT }));
      return { ...honest, dsseEnvelope: json.dsseEnvelope };
    });

    expect(await examine(piece)).toMatchObject({ status: 'failed', code: 'SIG_CRYPTO', signer: { kind: 'key' } });
  });

  it('to verify anything else than what was signed, whichever byte is changed', async () => {
    const honest = forgeBundle(sigstore, signer, { statement: STATEMENT, stampedAt: new Date() });
    const { statement } = await examine(honest);
    const change = fc.tuple(fc.nat(honest.bytes.length - 1), fc.integer({ min: 32, max: 126 }));
    await fc.assert(
      fc.asyncProperty(change, async ([index, byte]) => {
        const bytes = Buffer.from(honest.bytes);
        bytes[index] = byte;
        const found = await examine({ ...honest, bytes, layer: digestOf(bytes) });

        if (found.status === 'verified') expect(found).toMatchObject({ statement, signer: { subject: EMAIL } });
        else expect(found).toMatchObject({ statement: null, payload: null });
      }),
      { numRuns: 100 },
    );
  });
});
