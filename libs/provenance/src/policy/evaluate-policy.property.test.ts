// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import type { Examination } from '@promograph/signing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BUILDER,
  CHILD_A,
  CHILD_B,
  DIGEST,
  examined,
  person,
  policyWith,
  provenanceOf,
  SPDX,
  statementOf,
} from '../evidence.testing.ts';
import { evaluatePolicy, type PolicySubject } from '../index.ts';

const POLICY = policyWith({
  level: 2,
  builders: [
    { id: BUILDER, level: 3, signers: [], caller: null },
    { id: 'https://builder.example.org/self', level: 2, signers: [], caller: null },
  ],
  levels: [{ images: ['strict'], level: 3 }],
});

const digests = fc.constantFrom<Digest>(DIGEST, CHILD_A, CHILD_B);
const examinations: fc.Arbitrary<Examination> = fc
  .record({
    about: digests,
    subject: digests,
    builder: fc.constantFrom(BUILDER, 'https://builder.example.org/self', 'https://elsewhere.example.org'),
    invocation: fc.constantFrom('run', null),
    source: fc.constantFrom('git+https://github.com/example/app', 'git+https://github.com/example/other'),
    signer: fc.constantFrom('build@example.org', 'stranger@example.org'),
    status: fc.constantFrom<Examination['status']>('verified', 'failed', 'unverifiable'),
    isSbom: fc.boolean(),
  })
  .map(({ about, subject, builder, invocation, source, signer, status, isSbom }) => {
    const statement = isSbom
      ? statementOf(SPDX, {}, about)
      : provenanceOf({ digest: about, builder, invocation, source });
    return examined(statement, { subject, status, signer: person(signer) });
  });
const evidence = fc.uniqueArray(examinations, { maxLength: 5, selector: ({ place }) => place.location + place.layer });

const subject = (lists: readonly (readonly Examination[])[], image: string): PolicySubject => ({
  digest: DIGEST,
  image,
  examinations: lists[0] ?? [],
  children: [
    { digest: CHILD_A, examinations: lists[1] ?? [] },
    { digest: CHILD_B, examinations: lists[2] ?? [] },
  ],
});

describe('the result of a policy', () => {
  it('does not depend on the order of the evidence or of the platform images', () => {
    fc.assert(
      fc.property(fc.tuple(evidence, evidence, evidence), fc.constantFrom('strict', 'other'), (lists, image) => {
        const forth = subject(lists, image);
        const back = subject(
          lists.map((list) => [...list].reverse()),
          image,
        );

        expect(evaluatePolicy(POLICY, { ...back, children: [...back.children].reverse() })).toEqual(
          evaluatePolicy(POLICY, forth),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('is satisfied exactly without violations, never above its ceiling, and accepts verified evidence only', () => {
    fc.assert(
      fc.property(fc.tuple(evidence, evidence, evidence), (lists) => {
        const result = evaluatePolicy(POLICY, subject(lists, 'strict'));
        const verified = lists.flat().filter(({ status }) => status === 'verified');

        expect(result.isSatisfied).toBe(result.violations.length === 0);
        expect(result.level).toBeLessThanOrEqual(result.ceiling);
        for (const place of result.accepted)
          expect(verified.map((one) => one.place)).toContainEqual(
            expect.objectContaining({ location: place.location, layer: place.layer }),
          );
      }),
      { numRuns: 200 },
    );
  });

  it('is never satisfied through platform images while there is rejected provenance of the index', () => {
    fc.assert(
      fc.property(examinations, (extra) => {
        const children = [
          [examined(provenanceOf({ digest: CHILD_A }), { subject: CHILD_A })],
          [examined(provenanceOf({ digest: CHILD_B }), { subject: CHILD_B })],
        ];
        const isOwn = evaluatePolicy(POLICY, subject([[extra]], 'other')).isSatisfied;
        const isProvenance = extra.piece.layout === 'bundle' && extra.piece.annotatedType !== SPDX;

        const result = evaluatePolicy(POLICY, subject([[extra], ...children], 'other'));

        if (isProvenance) expect(result.isSatisfied).toBe(isOwn);
        expect(result.isThroughChildren).toBe(!isProvenance);
      }),
    );
  });
});
