// SPDX-License-Identifier: Apache-2.0
import type { ProvenancePolicy } from '@promograph/manifest';
import type { Digest } from '@promograph/oci';
import { BUILD_PROVENANCE_TYPES } from './build-provenance.ts';
import { acceptedEvidence, type FoundAttestation, isProvenanceOf, printPlace } from './found-attestation.ts';
import type { BuildLevel, PolicyResult, PolicyViolation } from './policy-result.ts';
import { type Distrust, trustStatement } from './trusted-statement.ts';
import { type ProvenanceOutcome, verifyProvenance } from './verify-provenance.ts';

/** A result of one digest on its own evidence, and whether it had any provenance, good or bad. */
export interface DigestResult {
  readonly result: PolicyResult;
  readonly hasProvenance: boolean;
}

type Passed = Extract<ProvenanceOutcome, { isPassed: true }> & { readonly attestation: FoundAttestation };

/** A policy over the evidence of one image or index. */
export interface Evaluation {
  readonly policy: ProvenancePolicy;
  readonly attestations: readonly FoundAttestation[];
  /** Level that the policy's `levels` demand of this image; 0 for none. */
  readonly imageLevel: 0 | 2 | 3;
}

/** Evaluates the policy for `digest`, with those attestations that concern it. */
export function evaluateDigest(evaluation: Evaluation, digest: Digest): DigestResult {
  const { policy, attestations } = evaluation;
  const own = attestations.filter((attestation) => isProvenanceOf(attestation, digest));
  const passed: Passed[] = [];
  const rejected: PolicyViolation[] = [];
  for (const attestation of own) {
    const outcome = judge(policy, attestation, digest);
    if (outcome.isPassed) passed.push({ ...outcome, attestation });
    else rejected.push(...outcome.reasons.map((reason) => violationOf(reason, attestation, digest)));
  }
  const best = passed.reduce<Passed | null>((top, one) => (top === null || one.level > top.level ? one : top), null);
  const accepted = attestations.filter((attestation) => isAccepted(evaluation, { attestation, digest, passed }));
  const violations = [
    ...provenanceViolations({ evaluation, best, rejected }, digest),
    ...missingTypes(policy, accepted, digest),
  ];
  const result: PolicyResult = {
    isSatisfied: violations.length === 0,
    level: best?.level ?? 0,
    ceiling: best?.ceiling ?? 0,
    provenance: best?.attestation.examination.place ?? null,
    isThroughChildren: false,
    violations,
    accepted: accepted.map(acceptedEvidence),
    children: [],
  };
  return { result, hasProvenance: own.length > 0 };
}

function judge(policy: ProvenancePolicy, { examination }: FoundAttestation, digest: Digest): ProvenanceOutcome {
  const trust = trustStatement(policy, examination, digest);
  return 'distrust' in trust ? { isPassed: false, reasons: [trust.distrust] } : verifyProvenance(policy, trust.trusted);
}

function provenanceViolations(
  found: { evaluation: Evaluation; best: Passed | null; rejected: readonly PolicyViolation[] },
  digest: Digest,
): readonly PolicyViolation[] {
  const { evaluation, best, rejected } = found;
  if (best === null) {
    const message = 'no SLSA build provenance found';
    return rejected.length > 0 ? rejected : [{ code: 'PROVENANCE_ABSENT', message, digest, place: null }];
  }
  if (best.level >= evaluation.imageLevel) return [];
  const message = levelMessage(best.level, evaluation.imageLevel);
  // Why better provenance was rejected tells what to mend.
  return [{ code: 'PROVENANCE_LEVEL', message, digest, place: best.attestation.examination.place }, ...rejected];
}

function levelMessage(level: BuildLevel, required: number): string {
  return `its provenance is verified at SLSA build level ${level} at most, the policy requires ${required} for this image`;
}

function isAccepted(
  evaluation: Evaluation,
  one: { attestation: FoundAttestation; digest: Digest; passed: readonly Passed[] },
): boolean {
  const { attestation, digest, passed } = one;
  const trust = trustStatement(evaluation.policy, attestation.examination, digest);
  if ('distrust' in trust) return false;
  if (!BUILD_PROVENANCE_TYPES.includes(trust.trusted.statement.predicateType)) return true;
  return passed.some((entry) => entry.attestation === attestation);
}

function missingTypes(
  policy: ProvenancePolicy,
  accepted: readonly FoundAttestation[],
  digest: Digest,
): readonly PolicyViolation[] {
  const types = new Set(accepted.map(({ statement }) => statement?.predicateType));
  return [...new Set(policy.predicateTypes)]
    .filter((type) => !types.has(type))
    .map((type) => {
      const message = `no attestation of type ${type} about ${digest} signed by a signer of the policy`;
      return { code: 'PREDICATE_ABSENT', message, digest, place: null };
    });
}

function violationOf({ code, message }: Distrust, { examination }: FoundAttestation, digest: Digest): PolicyViolation {
  return { code, message: `${printPlace(examination.place)}: ${message}`, digest, place: examination.place };
}
