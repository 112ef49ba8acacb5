// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import type { Evidence, Examination, ExpectedSigner } from '@promograph/signing';
import { evaluatePolicy } from '../policy/evaluate-policy.ts';
import type { AppliedPolicy } from '../policy/policies-for.ts';
import type {
  BuildLevel,
  ImageEvidence,
  PolicyResult,
  PolicyViolation,
  PolicyViolationCode,
} from '../policy/policy-result.ts';
import { carriable, type Carriable } from './carriable.ts';
import { checkIfPresent, type IfPresent } from './check-if-present.ts';

/** What one repository holds about one digest, examined. */
export interface ExaminedEvidence {
  readonly evidence: Evidence;
  readonly examinations: readonly Examination[];
}

/** A source digest that is due to move. */
export interface ProvenanceGateInput {
  readonly digest: Digest;
  /** Null when it could not be read. */
  readonly own: ExaminedEvidence | null;
  /** The platform images directly below an index; null parts could not be read. */
  readonly children: readonly { readonly digest: Digest; readonly found: ExaminedEvidence | null }[];
  readonly policies: readonly AppliedPolicy[];
  /** Signers expected in staging: provenance by others is warned of where no policy is enforced. */
  readonly signers?: readonly ExpectedSigner[];
  /** Predicate type of our own promotion records. */
  readonly recordType?: string;
}

/** Why the gate refuses. */
export type ProvenanceRefusalCode = PolicyViolationCode | 'PROVENANCE_TAMPERED';

/** What the gate says of the provenance of one digest. */
export interface ProvenanceGate {
  /** `absent` and `unchecked` (there is provenance, whoever signed it) only where no policy applies. */
  readonly verdict: 'satisfied' | 'unsatisfied' | 'absent' | 'unchecked';
  /** The strictest mode that applies. */
  readonly mode: 'off' | 'warn' | 'require';
  /** Lowest level over all policies; null where none applies or one is not satisfied. */
  readonly level: BuildLevel | null;
  /** Set when no edge of the digest may be written. */
  readonly refusal: { readonly code: ProvenanceRefusalCode; readonly message: string } | null;
  readonly violations: readonly PolicyViolation[];
  readonly warnings: readonly string[];
  /** One for each policy, in their order; empty when the evidence allows no evaluation. */
  readonly results: readonly PolicyResult[];
  readonly carriable: Carriable;
}

/**
 * The whole gate on provenance for one digest: limits and readability first, then every policy that applies, and, unless one
 * of them requires provenance, what is verified wherever it is present. Never throws for bad evidence.
 */
export function gateProvenance(input: ProvenanceGateInput): ProvenanceGate {
  const { policies } = input;
  const mode = modeOf(policies);
  const unusable = unusableEvidence(input);
  if (unusable !== null) return refusedFor(unusable, mode);
  const image = imageOf(input);
  const results = policies.map(({ policy, image: name }) => evaluatePolicy(policy, { ...image, image: name }));
  const present =
    mode === 'require'
      ? null
      : checkIfPresent(
          image,
          input.signers,
          policies.map(({ policy }) => policy),
        );
  const isSatisfied = results.every((result) => result.isSatisfied);
  return {
    verdict: verdictOf(results, present),
    mode,
    level: isSatisfied ? lowest(results) : null,
    refusal: refusalOf(policies, results, present),
    violations: results.flatMap((result) => result.violations),
    warnings: [...warningsOf(policies, results), ...(present?.warnings ?? []), ...unreadable(input)],
    results,
    carriable: carriable({
      digest: input.digest,
      examinations: image.examinations,
      results,
      ...(input.recordType !== undefined && { recordType: input.recordType }),
    }),
  };
}

function modeOf(policies: readonly AppliedPolicy[]): ProvenanceGate['mode'] {
  if (policies.length === 0) return 'off';
  return policies.some(({ policy }) => policy.mode === 'require') ? 'require' : 'warn';
}

/** Beyond a limit, or without having read everything, nothing may be concluded: what is missing might refute the rest. */
function unusableEvidence({ digest, own, children }: ProvenanceGateInput): PolicyViolation | null {
  for (const { digest: subject, found } of [{ digest, found: own }, ...children]) {
    if (found === null) {
      const message = `the attestations of ${subject} could not be read`;
      return { code: 'EVIDENCE_UNREADABLE', message, digest: subject, place: null };
    }
    const over = found.examinations.find(({ code, piece }) => code === 'EVIDENCE_LIMIT' && piece.layout !== 'sig');
    const excess = found.evidence.excess ?? over?.message ?? null;
    if (excess !== null) {
      return { code: 'EVIDENCE_LIMIT', message: excess, digest: subject, place: over?.place ?? null };
    }
  }
  return null;
}

function refusedFor(violation: PolicyViolation, mode: ProvenanceGate['mode']): ProvenanceGate {
  return {
    verdict: 'unsatisfied',
    mode,
    level: null,
    refusal: { code: violation.code, message: violation.message },
    violations: [violation],
    warnings: [],
    results: [],
    carriable: { referrers: [], skipped: [] },
  };
}

function imageOf({ digest, own, children }: ProvenanceGateInput): ImageEvidence {
  return {
    digest,
    examinations: own?.examinations ?? [],
    children: children.map((child) => ({ digest: child.digest, examinations: child.found?.examinations ?? [] })),
  };
}

function verdictOf(results: readonly PolicyResult[], present: IfPresent | null): ProvenanceGate['verdict'] {
  if ((present?.tampered.length ?? 0) > 0 || results.some((result) => !result.isSatisfied)) return 'unsatisfied';
  if (results.length > 0) return 'satisfied';
  return present?.hasProvenance === true ? 'unchecked' : 'absent';
}

function lowest(results: readonly PolicyResult[]): BuildLevel | null {
  return results.reduce<BuildLevel | null>((low, { level }) => (low === null || level < low ? level : low), null);
}

function refusalOf(
  policies: readonly AppliedPolicy[],
  results: readonly PolicyResult[],
  present: IfPresent | null,
): ProvenanceGate['refusal'] {
  for (const [index, { policy, registry }] of policies.entries()) {
    const violations = results[index]?.violations ?? [];
    const [first] = violations;
    if (policy.mode !== 'require' || first === undefined) continue;
    return { code: first.code, message: `the provenance policy of ${registry} is not satisfied: ${list(violations)}` };
  }
  if (present === null || present.tampered.length === 0) return null;
  return { code: 'PROVENANCE_TAMPERED', message: `provenance is tampered with: ${present.tampered.join('; ')}` };
}

function warningsOf(policies: readonly AppliedPolicy[], results: readonly PolicyResult[]): readonly string[] {
  return policies.flatMap(({ policy, registry }, index) => {
    const violations = results[index]?.violations ?? [];
    if (policy.mode !== 'warn' || violations.length === 0) return [];
    return [`the provenance policy of ${registry} is not satisfied: ${list(violations)}`];
  });
}

function list(violations: readonly PolicyViolation[]): string {
  return violations.map(({ message }) => message).join('; ');
}

function unreadable({ own, children }: ProvenanceGateInput): readonly string[] {
  return [own, ...children.map(({ found }) => found)].flatMap((found) =>
    (found?.evidence.unreadable ?? []).map(({ location, message }) => `${location} is unreadable: ${message}`),
  );
}
