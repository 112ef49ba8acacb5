// SPDX-License-Identifier: Apache-2.0
import { digestOf } from '@promograph/oci';
import type { Statement } from '@promograph/signing';
import { describe, expect, it } from 'vitest';
import {
  CHILD_A,
  CHILD_B,
  DIGEST,
  examined,
  policyWith,
  provenanceOf,
  SPDX,
  STAGING,
  statementOf,
} from '../evidence.testing.ts';
import {
  type BuildLevel,
  childSources,
  evaluatePolicy,
  isSummaryFor,
  type PolicyResult,
  printStatement,
  summaryOutcome,
  type SummarySource,
  verificationSummary,
  type VerificationSummaryInput,
} from '../index.ts';

const HEX = DIGEST.slice('sha256:'.length);
const REVIEWED = 'K8S_PROMOTION_MANIFEST_REVIEWED';
const result = (level: BuildLevel, isSatisfied = true): PolicyResult => ({
  isSatisfied,
  level,
  ceiling: level,
  provenance: null,
  isThroughChildren: false,
  violations: [],
  accepted: [],
  children: [],
});
const VIOLATED = result(3, false);
const source = (...results: (PolicyResult | null)[]): SummarySource => ({ repository: STAGING, results });
const inputWith = (...sources: SummarySource[]): VerificationSummaryInput => ({
  reference: 'images.example.org/app',
  digest: DIGEST,
  verifierId: 'https://verifier.example.org/v1',
  version: '1.0.0',
  timeVerified: new Date('2026-11-21T10:00:00.250Z'),
  policy: {
    repository: 'git+https://github.com/example/tree',
    gitCommit: 'c'.repeat(40),
    manifestFiles: ['manifests/app/promoter-manifest.yaml'],
  },
  sources,
});
const summaryOf = (input: VerificationSummaryInput): Statement => {
  const made = verificationSummary(input);
  if ('omitted' in made) throw new Error(made.omitted);
  return made.statement;
};

describe('a verification summary', () => {
  it('125. without a policy passes as unevaluated, with exactly these fields', () => {
    expect(JSON.parse(printStatement(summaryOf(inputWith(source()))).toString())).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'images.example.org/app', digest: { sha256: HEX } }],
      predicateType: 'https://slsa.dev/verification_summary/v1',
      predicate: {
        verifier: { id: 'https://verifier.example.org/v1', version: { promograph: '1.0.0' } },
        timeVerified: '2026-11-21T10:00:00.250Z',
        resourceUri: `images.example.org/app@${DIGEST}`,
        policy: {
          uri: 'git+https://github.com/example/tree#manifests/app/promoter-manifest.yaml',
          digest: { gitCommit: 'c'.repeat(40) },
        },
        verificationResult: 'PASSED',
        verifiedLevels: ['SLSA_BUILD_LEVEL_UNEVALUATED', REVIEWED],
        slsaVersion: '1.0',
      },
    });
  });

  it.each<[string, readonly SummarySource[], readonly string[]]>([
    ['126. [3] is level 3', [source(result(3))], ['SLSA_BUILD_LEVEL_3', REVIEWED]],
    ['126. [3, 2] is level 2', [source(result(3), result(2))], ['SLSA_BUILD_LEVEL_2', REVIEWED]],
    ['126. [0] is unevaluated', [source(result(0))], ['SLSA_BUILD_LEVEL_UNEVALUATED', REVIEWED]],
    ['126. [0, 3] is unevaluated', [source(result(0), result(3))], ['SLSA_BUILD_LEVEL_UNEVALUATED', REVIEWED]],
    ['126. [3, 0] is unevaluated', [source(result(3), result(0))], ['SLSA_BUILD_LEVEL_UNEVALUATED', REVIEWED]],
    ['126. [3, violated] has failed', [source(result(3), VIOLATED)], ['FAILED']],
    ['126. [not evaluated] has failed', [source(null)], ['FAILED']],
    [
      '127. two satisfied sources are level 3',
      [source(result(3)), source(result(3))],
      ['SLSA_BUILD_LEVEL_3', REVIEWED],
    ],
    [
      '127. one satisfied, one without policy is unevaluated',
      [source(result(3)), source()],
      ['SLSA_BUILD_LEVEL_UNEVALUATED', REVIEWED],
    ],
    ['127. one without policy, one failed has failed', [source(), source(VIOLATED)], ['FAILED']],
  ])('%s', (_name, sources, verifiedLevels) => {
    const verificationResult = verifiedLevels[0] === 'FAILED' ? 'FAILED' : 'PASSED';

    expect(summaryOutcome(sources)).toEqual({ verificationResult, verifiedLevels });
    expect(summaryOf(inputWith(...sources)).predicate).toMatchObject({ verificationResult, verifiedLevels });
  });

  it('130. lists each accepted attestation once, and leaves out an .att layer without a payload', () => {
    const referrer = examined(provenanceOf());
    const att = examined(statementOf(SPDX, {}, DIGEST), { layout: 'att' });
    const unreadable = examined(statementOf(SPDX, {}, DIGEST), { layout: 'att', bytes: Buffer.from('junk') });
    const image = { digest: DIGEST, image: 'app', examinations: [unreadable, att, referrer], children: [] };
    const evaluated = evaluatePolicy(policyWith(), image);

    const { predicate } = summaryOf(inputWith(source(evaluated, evaluated), source(evaluated)));

    expect(evaluated.accepted).toHaveLength(3);
    const payload = digestOf(printStatement(statementOf(SPDX, {}, DIGEST))).slice('sha256:'.length);
    expect(predicate).toMatchObject({
      inputAttestations: [
        { uri: `${STAGING}:sha256-${HEX}.att`, digest: { sha256: payload } },
        { uri: `${STAGING}@${referrer.piece.manifest}`, digest: { sha256: referrer.piece.layer.slice(7) } },
      ],
    });
  });

  it('lists the attestations of the platform images through which an index was verified', () => {
    const own = examined(provenanceOf({ digest: CHILD_A }), { subject: CHILD_A });
    const children = [{ digest: CHILD_A, examinations: [own] }];
    const evaluated = evaluatePolicy(policyWith(), { digest: DIGEST, image: 'app', examinations: [], children });

    expect(summaryOf(inputWith(source(evaluated))).predicate).toMatchObject({
      inputAttestations: [{ uri: own.place.location }],
    });
  });

  it('names the repository alone where policies of several manifests apply', () => {
    const input = inputWith(source());
    const manifestFiles = ['manifests/a/promoter-manifest.yaml', 'manifests/b/promoter-manifest.yaml'];

    expect(summaryOf({ ...input, policy: { ...input.policy, manifestFiles } }).predicate).toMatchObject({
      policy: { uri: 'git+https://github.com/example/tree' },
    });
  });

  it('is left out where the manifests are at no commit, or no source was evaluated', () => {
    const input = inputWith(source());

    expect(verificationSummary({ ...input, policy: { ...input.policy, gitCommit: null } })).toHaveProperty('omitted');
    expect(verificationSummary({ ...input, policy: { ...input.policy, repository: null } })).toHaveProperty('omitted');
    expect(verificationSummary(inputWith())).toHaveProperty('omitted');
  });

  it('is found again by subject, resource and verifier', () => {
    const input = inputWith(source());
    const summary = summaryOf(input);

    expect(isSummaryFor(summary, input)).toBe(true);
    expect(isSummaryFor(summary, { ...input, verifierId: 'https://verifier.example.org/v2' })).toBe(false);
    expect(isSummaryFor(summary, { ...input, digest: CHILD_A })).toBe(false);
    expect(isSummaryFor(summary, { ...input, reference: 'images.example.org/other' })).toBe(false);
    expect(isSummaryFor({ ...summary, predicateType: SPDX }, input)).toBe(false);
    const replayed = { ...(summary.predicate as object), resourceUri: `images.example.org/other@${DIGEST}` };
    expect(isSummaryFor({ ...summary, predicate: replayed }, input)).toBe(false);
  });
});

describe('the summary of a platform image that no manifest lists', () => {
  const withChild = (child: PolicyResult, isSatisfied: boolean): SummarySource => {
    return source({ ...result(3, isSatisfied), children: [{ digest: CHILD_A, result: child }] });
  };
  const outcome = (index: SummarySource, child = CHILD_A): readonly string[] =>
    summaryOutcome(childSources(child, [index])).verifiedLevels;

  it('has the level of its own results where they pass, whatever the index came to', () => {
    expect(outcome(withChild(result(2), true))).toEqual(['SLSA_BUILD_LEVEL_2', REVIEWED]);
    expect(outcome(withChild(result(2), false))).toEqual(['SLSA_BUILD_LEVEL_2', REVIEWED]);
  });

  it('is unevaluated where its own do not pass, and fails with the index that holds it', () => {
    expect(outcome(withChild(VIOLATED, true))).toEqual(['SLSA_BUILD_LEVEL_UNEVALUATED', REVIEWED]);
    expect(outcome(withChild(VIOLATED, false))).toEqual(['FAILED']);
    expect(outcome(withChild(result(3), true), CHILD_B)).toEqual(['SLSA_BUILD_LEVEL_UNEVALUATED', REVIEWED]);
    expect(outcome(source())).toEqual(['SLSA_BUILD_LEVEL_UNEVALUATED', REVIEWED]);
  });
});
