// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { type Digest, digestOf, parseRepository } from '@promograph/oci';
import type { Evidence, EvidencePiece } from '../evidence.ts';
import type { Examination } from '../examination.ts';
import type { SignerPrincipal } from '../expected-signer.ts';
import { SIGN_PREDICATE_TYPE, type StatementSubject } from '../statement.ts';
import { judgeImage } from './judge-image.ts';
import { judgeSignature } from './judge-signature.ts';
import { judgeStatement } from './judge-statement.ts';
import { judgeSummary, SUMMARY_PREDICATE_TYPE } from './judge-summary.ts';

const SUBJECT: Digest = digestOf('image');
const OTHER: Digest = digestOf('another');
const REFERENCE = 'registry.example/app';
const SLSA = 'https://slsa.dev/provenance/v1';
const OURS: SignerPrincipal = certificate('release@example.org', 'https://issuer.example');
const FOREIGN: SignerPrincipal = certificate('stranger@example.org', 'https://issuer.example');
const expectation = {
  subject: SUBJECT,
  signers: [{ kind: 'identity', subject: 'release@example.org', issuer: 'https://issuer.example' }],
  reference: REFERENCE,
} as const;

function certificate(subject: string, issuer: string): SignerPrincipal {
  return { kind: 'certificate', subject, issuer, buildConfigUri: null };
}

const bytes = Buffer.from('x');
const place = { layout: 'bundle', location: 'r@m', layer: 'l' } as const;
const base = { place, code: null, message: '', payload: null, statement: null, predicateType: null, log: null };
const common = { manifest: digestOf('m'), layer: digestOf('x'), bytes };

function signature(signer: SignerPrincipal, digest: Digest = SUBJECT, dockerReference = REFERENCE): Examination {
  const payload = { dockerReference, digest, optional: { release: '1' } };
  return { ...base, piece: { ...common, layout: 'sig', annotations: {} }, status: 'verified', signer, payload };
}

interface Said {
  readonly type?: string;
  readonly annotatedType?: string;
  readonly subject?: Partial<StatementSubject>;
  readonly predicate?: unknown;
}

function statement(signer: SignerPrincipal, said: Said = {}): Examination {
  const { type: predicateType = SIGN_PREDICATE_TYPE, annotatedType = null, predicate = {} } = said;
  const subject = [
    { name: REFERENCE, digest: { sha256: SUBJECT.slice(7) }, annotations: { release: '1' }, ...said.subject },
  ];
  const piece: EvidencePiece = { ...common, layout: 'bundle', manifestBytes: bytes, annotatedType };
  const content = { _type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate };
  return { ...base, piece, status: 'verified', signer, statement: content, predicateType };
}

const about = (digest: Digest): Partial<StatementSubject> => ({ digest: { sha256: digest.slice(7) } });
const broken = (signer: SignerPrincipal | null): Examination => ({
  ...statement(FOREIGN),
  ...{ status: 'failed', code: 'SIG_CRYPTO', message: 'wrong', signer, statement: null },
});

const evidenceOf = (...examinations: readonly Examination[]): Evidence => ({
  repository: parseRepository('registry.example/app'),
  subject: SUBJECT,
  pieces: examinations.map(({ piece }) => piece),
  excess: null,
  unreadable: [],
});

const judge = (...examinations: readonly Examination[]) =>
  judgeImage(examinations, evidenceOf(...examinations), expectation);

describe('vector 136: staging signatures', () => {
  it.each<[string, Examination, string, string | null]>([
    ['a trusted signer is verified', statement(OURS), 'verified', null],
    ['a foreign signer is untrusted', statement(FOREIGN), 'untrusted', 'SIG_IDENTITY'],
    [
      'a trusted signer about another digest fails',
      statement(OURS, { subject: about(OTHER) }),
      'failed',
      'STMT_SUBJECT',
    ],
    ['a foreign signer about another digest is nothing', statement(FOREIGN, { subject: about(OTHER) }), 'absent', null],
    ['what fails and claims a configured identity fails', broken(OURS), 'failed', 'SIG_CRYPTO'],
    ['what fails and claims another is unverifiable', broken(FOREIGN), 'unverifiable', 'SIG_CRYPTO'],
    ['what fails and has no certificate is unverifiable', broken(null), 'unverifiable', 'SIG_CRYPTO'],
  ])('%s', (_name, examination, kind, code) => {
    expect(judge(examination)).toMatchObject({ kind, code });
  });

  it('no signature is absent', () => {
    expect(judge()).toEqual({ kind: 'absent', code: null, message: '', signer: null, place: null, pieces: [] });
  });

  it('the highest rank decides', () => {
    const ranked = [
      statement(FOREIGN, { subject: about(OTHER) }),
      broken(null),
      statement(FOREIGN),
      statement(OURS),
      broken(OURS),
    ];
    const kinds = ranked.map((_one, index) => judge(...ranked.slice(0, index + 1).reverse()).kind);

    expect(kinds).toEqual(['absent', 'unverifiable', 'untrusted', 'verified', 'failed']);
  });
});

describe('vector 137: an index', () => {
  it('is not judged by the failure of a child', () => {
    const child = signature(OURS, OTHER);
    const own = signature(OURS);

    expect(judgeImage([own, child], evidenceOf(own), expectation).kind).toBe('verified');
    expect(judgeImage([child], evidenceOf(), expectation).kind).toBe('absent');
    expect(judgeImage([child], { ...evidenceOf(child), subject: OTHER }, expectation).kind).toBe('absent');
  });
});

describe('what a stranger plants stops nothing', () => {
  it.each<[string, Examination]>([
    ['a .sig layer', signature(FOREIGN)],
    ['a .sig layer for another digest', signature(FOREIGN, OTHER)],
    ['a .sig layer for another reference', signature(FOREIGN, SUBJECT, 'evil.example/app')],
    ['a bundle', statement(FOREIGN)],
    [
      'a bundle that an annotation passes off as a signature',
      statement(FOREIGN, { type: SLSA, annotatedType: SIGN_PREDICATE_TYPE }),
    ],
    ['a broken bundle', broken(FOREIGN)],
    ['a signature of a key', signature({ kind: 'key', hint: 'unknown' })],
  ])('%s', (_name, planted) => {
    expect(judge(planted).kind).not.toBe('failed');
    expect(judge(planted).kind).not.toBe('verified');
    expect(judge(planted, signature(OURS)).kind).toBe('verified');
  });
});

describe('a signature of ours', () => {
  it('for another name of the image does not count, and hides none that does', () => {
    const beside = signature(OURS, SUBJECT, 'registry.example/other');

    expect(judge(beside)).toMatchObject({ kind: 'failed', code: 'SIG_REFERENCE' });
    expect(judge(beside, statement(OURS)).kind).toBe('verified');
  });

  it.each<[string, Examination, string]>([
    ['a payload for another digest', signature(OURS, OTHER), 'SIG_PAYLOAD_DIGEST'],
    ['a docker-reference of another registry', signature(OURS, SUBJECT, 'evil.example/app'), 'SIG_REFERENCE'],
    [
      'a bundle replayed into another repository',
      statement(OURS, { subject: { name: 'registry.example/other' } }),
      'SIG_REFERENCE',
    ],
    [
      'a predicate type only in the annotation',
      statement(OURS, { type: SLSA, annotatedType: SIGN_PREDICATE_TYPE }),
      'STMT_TYPE',
    ],
    ['a subject of another digest', statement(OURS, { subject: about(OTHER) }), 'STMT_SUBJECT'],
  ])('%s', (_name, examination, code) => {
    expect(judgeSignature(examination, expectation)).toMatchObject({ kind: 'failed', code });
  });

  it('must carry the expected annotations', () => {
    const wanted = { ...expectation, annotations: { release: '1' } };
    const unmet = { ...expectation, annotations: { release: '2' } };

    for (const examination of [signature(OURS), statement(OURS)]) {
      expect(judgeSignature(examination, wanted).kind).toBe('verified');
      expect(judgeSignature(examination, unmet)).toMatchObject({ kind: 'failed', code: 'SIG_ANNOTATION' });
    }
  });

  it('is no other statement, whatever it says', () => {
    const summary = statement(OURS, { type: SUMMARY_PREDICATE_TYPE, predicate: { verificationResult: 'FAILED' } });

    expect(judge(summary, statement(OURS, { type: SLSA }))).toMatchObject({ kind: 'absent', pieces: [] });
    expect(judgeSignature(summary, expectation).kind).toBe('absent');
  });
});

describe('evidence past a limit fails', () => {
  it('of the image', () => {
    const verified = signature(OURS);
    const verdict = judgeImage([verified], { ...evidenceOf(verified), excess: 'more than 200 referrers' }, expectation);

    expect(verdict).toMatchObject({ kind: 'failed', code: 'EVIDENCE_LIMIT', message: 'more than 200 referrers' });
  });

  it('of one piece, whoever signed it', () => {
    const piece: Examination = { ...broken(FOREIGN), code: 'EVIDENCE_LIMIT' };

    expect(judge(piece, signature(OURS))).toMatchObject({ kind: 'failed', code: 'EVIDENCE_LIMIT' });
  });
});

describe('an attestation', () => {
  const provenance = { ...expectation, predicateTypes: [SLSA] };

  it.each<[string, Examination, string, string | null]>([
    ['of the type is verified', statement(OURS, { type: SLSA }), 'verified', null],
    ['of another type is absent', statement(OURS), 'absent', null],
    ['of the type only by annotation is refused', statement(OURS, { annotatedType: SLSA }), 'failed', 'STMT_TYPE'],
    ['by a stranger is untrusted', statement(FOREIGN, { type: SLSA }), 'untrusted', 'SIG_IDENTITY'],
    [
      'about another digest is refused',
      statement(OURS, { type: SLSA, subject: about(OTHER) }),
      'failed',
      'STMT_SUBJECT',
    ],
    ['of another name is refused', statement(OURS, { type: SLSA, subject: { name: 'x' } }), 'failed', 'SIG_REFERENCE'],
    ['is no .sig layer', signature(OURS), 'absent', null],
  ])('%s', (_name, examination, kind, code) => {
    expect(judgeStatement(examination, provenance)).toMatchObject({ kind, code });
  });
});

describe('a verification summary', () => {
  const expected = { ...expectation, verifierId: 'https://verifier.example', resourceUri: `${REFERENCE}@${SUBJECT}` };
  const passed = {
    verifier: { id: expected.verifierId },
    resourceUri: expected.resourceUri,
    verificationResult: 'PASSED',
  };
  const summary = (predicate: object): Examination => statement(OURS, { type: SUMMARY_PREDICATE_TYPE, predicate });

  it.each<[string, object, string, string | null]>([
    ['that passed is verified', passed, 'verified', null],
    ['that failed is refused', { ...passed, verificationResult: 'FAILED' }, 'failed', 'VSA_FAILED'],
    ['that passed in other words is refused', { ...passed, verificationResult: 'passed' }, 'failed', 'VSA_FAILED'],
    ['of another resource is refused', { ...passed, resourceUri: 'other' }, 'failed', 'SIG_REFERENCE'],
    ['of another verifier is none', { ...passed, verifier: { id: 'other' } }, 'absent', null],
    ['without a result is refused', {}, 'failed', 'SIG_FORMAT'],
  ])('%s', (_name, predicate, kind, code) => {
    expect(judgeSummary(summary(predicate), expected)).toMatchObject({ kind, code });
  });
});
