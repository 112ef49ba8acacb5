// SPDX-License-Identifier: Apache-2.0
import type { ProvenancePolicy } from '@promograph/manifest';
import type { Digest } from '@promograph/oci';
import type { Examination } from '@promograph/signing';
import { describe, expect, it } from 'vitest';
import {
  CHILD_A,
  CHILD_B,
  DIGEST,
  examined,
  type ExaminationParts,
  person,
  policyWith,
  type ProvenanceParts,
  provenanceOf,
} from '../evidence.testing.ts';
import { evaluatePolicy, type PolicyResult } from '../index.ts';

interface Found {
  readonly own?: readonly Examination[];
  readonly a?: readonly Examination[];
  readonly b?: readonly Examination[];
}

// Level 2 lets provenance without an invocation id pass.
const LENIENT = policyWith({ level: 2 });

const evaluate = ({ own = [], a = [], b = [] }: Found, policy: ProvenancePolicy = LENIENT): PolicyResult =>
  evaluatePolicy(policy, {
    digest: DIGEST,
    image: 'team/app',
    examinations: own,
    children: [
      { digest: CHILD_A, examinations: a },
      { digest: CHILD_B, examinations: b },
    ],
  });
const about = (digest: Digest, parts: ProvenanceParts = {}, how: ExaminationParts = {}): Examination =>
  examined(provenanceOf({ ...parts, digest }), { subject: digest, ...how });
const good = about(DIGEST);
const goodA = about(CHILD_A);
const goodB = about(CHILD_B);
const messages = (result: PolicyResult): string => result.violations.map(({ message }) => message).join('\n');

describe('an index', () => {
  it('without provenance of its own is satisfied through all its platform images, at their lowest level', () => {
    const result = evaluate({ a: [goodA], b: [about(CHILD_B, { invocation: null })] });

    expect(result).toMatchObject({ isSatisfied: true, isThroughChildren: true, level: 2, violations: [] });
    expect(result.provenance).toBeNull();
    expect(result.children.map(({ digest, result: { level } }) => [digest, level])).toEqual([
      [CHILD_A, 3],
      [CHILD_B, 2],
    ]);
  });

  it('is not satisfied when one platform image has no provenance', () => {
    const result = evaluate({ a: [goodA] });

    expect(result.isSatisfied).toBe(false);
    expect(messages(result)).toBe(
      `no SLSA build provenance found\nplatform image ${CHILD_B}: no SLSA build provenance found`,
    );
  });

  it('is not satisfied when one platform image is of an untrusted builder', () => {
    const result = evaluate({ a: [goodA], b: [about(CHILD_B, { builder: 'https://elsewhere.example.org' })] });

    expect(result.isSatisfied).toBe(false);
    expect(messages(result)).toContain(`platform image ${CHILD_B}: `);
    expect(messages(result)).not.toContain('not about');
  });

  it.each<[string, Examination]>([
    ['of an untrusted builder', about(DIGEST, { builder: 'https://elsewhere.example.org' })],
    ['by a stranger', about(DIGEST, {}, { signer: person('stranger@example.org') })],
    ['whose signature failed', about(DIGEST, {}, { status: 'failed' })],
    ['that nobody signed', about(DIGEST, {}, { status: 'unverifiable', signer: null })],
    ['about another digest', examined(provenanceOf({ digest: CHILD_A }), { subject: DIGEST, annotatedType: null })],
    ['that is no more than annotated as such', about(DIGEST, {}, { status: 'failed', bytes: Buffer.from('junk') })],
  ])('with rejected provenance of its own (%s) is never outweighed by its platform images', (_name, own) => {
    const result = evaluate({ own: [own], a: [goodA], b: [goodB] });

    expect(result).toMatchObject({ isSatisfied: false, isThroughChildren: false, level: 0 });
    expect(result.violations).not.toEqual([]);
    expect(result.children.every((child) => child.result.isSatisfied)).toBe(true);
  });

  it('with provenance of its own is satisfied on that alone', () => {
    expect(evaluate({ own: [good] })).toMatchObject({ isSatisfied: true, isThroughChildren: false, level: 3 });
  });

  it('takes provenance with several subjects for each of them, wherever it is attached', () => {
    const statement = provenanceOf();
    const all = {
      ...statement,
      subject: [DIGEST, CHILD_A, CHILD_B].map((digest) => ({ digest: { sha256: digest.slice(7) } })),
    };

    const result = evaluate({ own: [examined(all)] });

    expect(result).toMatchObject({ isSatisfied: true, level: 3 });
    expect(result.children.map((child) => child.result.isSatisfied)).toEqual([true, true]);
  });

  it('122. holds its platform images to the level of the image, unless it has provenance of its own', () => {
    const policy = policyWith({ level: 2, levels: [{ images: ['team/app'], level: 3 }] });
    const lowB = about(CHILD_B, { invocation: null });

    expect(messages(evaluate({ a: [goodA], b: [lowB] }, policy))).toContain(
      `platform image ${CHILD_B}: its provenance is verified at SLSA build level 2 at most, the policy requires 3`,
    );
    const own = evaluate({ own: [good], a: [goodA], b: [lowB] }, policy);
    expect(own).toMatchObject({ isSatisfied: true, level: 3 });
    expect(own.children.map((child) => child.result.isSatisfied)).toEqual([true, true]);
  });

  it('whose children are only attestation manifests is not satisfied through nothing', () => {
    const empty = { digest: DIGEST, image: 'team/app', examinations: [], children: [] };

    expect(evaluatePolicy(LENIENT, empty).isSatisfied).toBe(false);
  });
});
