// SPDX-License-Identifier: Apache-2.0
import type { ProvenancePolicy } from '@promograph/manifest';
import { digestOf } from '@promograph/oci';
import { type BundleReferrer, type Examination, SIGN_PREDICATE_TYPE } from '@promograph/signing';
import { describe, expect, it } from 'vitest';
import {
  CHILD_A,
  DIGEST,
  examined,
  person,
  policyWith,
  provenanceOf,
  referrerManifest,
  SPDX,
  statementOf,
} from '../evidence.testing.ts';
import {
  carriable,
  type Carriable,
  evaluatePolicy,
  PROMOTION_PREDICATE_TYPE,
  SUMMARY_PREDICATE_TYPE,
} from '../index.ts';

const good = examined(provenanceOf());
const sbom = examined(statementOf(SPDX, {}, DIGEST));
const carry = (
  examinations: readonly Examination[],
  policies: readonly ProvenancePolicy[] = [policyWith()],
  recordType?: string,
): Carriable => {
  const image = { digest: DIGEST, image: 'app', examinations, children: [] };
  const results = policies.map((policy) => evaluatePolicy(policy, image));
  return carriable({ digest: DIGEST, examinations, results, ...(recordType !== undefined && { recordType }) });
};
const layersOf = ({ referrers }: Carriable): readonly string[] => referrers.map(({ layer }) => layer).sort();
const withManifest = (
  examination: Examination,
  change: (manifest: Record<string, unknown>) => unknown,
): Examination => {
  const piece = examination.piece as BundleReferrer;
  const manifestBytes = Buffer.from(JSON.stringify(change(referrerManifest(DIGEST, piece.layer, piece.annotatedType))));
  const manifest = digestOf(manifestBytes);
  return { ...examination, piece: { ...piece, manifestBytes, manifest } };
};

describe('what is carried to the canonical repository', () => {
  it('131. is every referrer that the policy accepted, byte for byte as it was read', () => {
    const carried = carry([good, sbom]);

    expect(layersOf(carried)).toEqual([good.place.layer, sbom.place.layer].sort());
    expect(carried.referrers).toContain(good.piece);
    expect(carried.skipped).toEqual([]);
  });

  it('132. is nothing without a policy, and nothing where one is not satisfied', () => {
    expect(carry([good], [])).toEqual({ referrers: [], skipped: [] });
    expect(carry([good], [policyWith(), policyWith({ sources: ['github.com/example/other'] })]).referrers).toEqual([]);
  });

  it('is only what every policy accepted', () => {
    const other = policyWith({ signers: ['sigstore::https://issuer.example.org::audit@example.org'] });
    const audited = examined(provenanceOf(), { signer: person('audit@example.org'), annotatedType: null });

    expect(carry([good, audited], [policyWith(), other]).referrers).toEqual([]);
    expect(layersOf(carry([good, audited]))).toEqual([good.place.layer]);
  });

  it.each<[string, Examination]>([
    ['by a stranger', examined(statementOf(SPDX, {}, DIGEST), { signer: person('stranger@example.org') })],
    ['that failed', examined(statementOf(SPDX, {}, DIGEST), { status: 'failed' })],
    ['of an attestation tag', examined(statementOf(SPDX, {}, DIGEST), { layout: 'att' })],
    ['about another digest', examined(statementOf(SPDX, {}, CHILD_A))],
    ['that is a promotion record', examined(statementOf(PROMOTION_PREDICATE_TYPE, {}, DIGEST))],
    ['that is a record of ours', examined(statementOf('https://example.org/record/v1', {}, DIGEST))],
    ['that is a verification summary', examined(statementOf(SUMMARY_PREDICATE_TYPE, {}, DIGEST))],
    ['that is a signature', examined(statementOf(SIGN_PREDICATE_TYPE, {}, DIGEST))],
    ['with provenance that the policy rejects', examined(provenanceOf({ builder: 'https://elsewhere.example.org' }))],
  ])('is nothing %s', (_name, other) => {
    expect(layersOf(carry([good, other], [policyWith()], 'https://example.org/record/v1'))).toEqual([good.place.layer]);
  });

  it('is nothing that is attached to a platform image', () => {
    const onChild = examined(provenanceOf(), { subject: CHILD_A });
    const image = {
      digest: DIGEST,
      image: 'app',
      examinations: [],
      children: [{ digest: CHILD_A, examinations: [onChild] }],
    };
    const result = evaluatePolicy(policyWith(), image);

    expect(result.isSatisfied).toBe(true);
    expect(carriable({ digest: DIGEST, examinations: [onChild], results: [result] })).toEqual({
      referrers: [],
      skipped: [],
    });
  });

  it.each<[string, (manifest: Record<string, unknown>) => unknown, string]>([
    [
      'has another layer',
      (m) => ({ ...m, layers: [{ ...(m['layers'] as object[])[0], digest: DIGEST }] }),
      'its layer',
    ],
    [
      'has a second layer',
      (m) => ({ ...m, layers: [...(m['layers'] as object[]), ...(m['layers'] as object[])] }),
      'layers',
    ],
    ['has a config with content', (m) => ({ ...m, config: { digest: DIGEST } }), 'config.digest'],
    ['has another artifact type', (m) => ({ ...m, artifactType: 'application/x' }), 'artifactType'],
    ['is attached to another digest', (m) => ({ ...m, subject: { digest: CHILD_A } }), `attached to ${CHILD_A}`],
    ['has no subject', (m) => ({ ...m, subject: undefined }), 'subject'],
    [
      'is annotated as something else',
      (m) => ({ ...m, annotations: { 'dev.sigstore.bundle.predicateType': 'https://example.org/x' } }),
      'annotated as https://example.org/x',
    ],
  ])('skips a referrer whose manifest %s', (_name, change, reason) => {
    const changed = withManifest(sbom, change);

    const carried = carry([good, changed]);

    expect(layersOf(carried)).toEqual([good.place.layer]);
    expect(carried.skipped).toMatchObject([{ place: sbom.place, reason: expect.stringContaining(reason) }]);
  });

  it('skips a referrer whose manifest is not what its digest says', () => {
    const piece = sbom.piece as BundleReferrer;
    const forged = { ...sbom, piece: { ...piece, manifestBytes: Buffer.from(`${piece.manifestBytes.toString()} `) } };

    expect(carry([good, forged]).skipped).toMatchObject([{ reason: expect.stringContaining('what its digest says') }]);
  });

  it('takes a referrer whose manifest is not annotated', () => {
    expect(layersOf(carry([examined(provenanceOf(), { annotatedType: null })]))).toHaveLength(1);
  });
});
