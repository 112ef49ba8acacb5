// SPDX-License-Identifier: Apache-2.0
import { compilePathPattern, type ProvenancePolicy } from '@promograph/manifest';
import { evaluateDigest, type Evaluation } from './evaluate-digest.ts';
import { findAttestations } from './found-attestation.ts';
import type { BuildLevel, ImageEvidence, PolicyResult, PolicyViolation } from './policy-result.ts';

/** What a policy is evaluated for. */
export interface PolicySubject extends ImageEvidence {
  /** Name of the image relative to the source registry that declares the policy, for its `levels`. */
  readonly image: string;
}

/**
 * Evaluates a policy that is not off. An index satisfies it on its own, or, only where there is no provenance of the index at
 * all (not even a rejected or forged one), when each of its platform images does on its own evidence. Never throws.
 */
export function evaluatePolicy(policy: ProvenancePolicy, subject: PolicySubject): PolicyResult {
  const attestations = findAttestations(subject);
  const evaluation: Evaluation = { policy, attestations, imageLevel: imageLevel(policy, subject.image) };
  const { result, hasProvenance } = evaluateDigest(evaluation, subject.digest);
  if (subject.children.length === 0) return result;
  // An index with provenance of its own passes on that alone: its platform images keep their own level.
  const below = hasProvenance ? { ...evaluation, imageLevel: 0 as const } : evaluation;
  const children = subject.children
    .map(({ digest }) => ({ digest, result: evaluateDigest(below, digest).result }))
    .sort((a, b) => (a.digest < b.digest ? -1 : 1));
  if (result.isSatisfied) return { ...result, children };
  const violations = children.flatMap((child) => child.result.violations.map(ofPlatform));
  if (hasProvenance || violations.length > 0) {
    return { ...result, children, violations: [...result.violations, ...violations] };
  }
  return {
    ...result,
    isSatisfied: true,
    isThroughChildren: true,
    level: lowest(children.map((child) => child.result.level)),
    ceiling: lowest(children.map((child) => child.result.ceiling)),
    violations: [],
    children,
  };
}

function imageLevel(policy: ProvenancePolicy, image: string): 0 | 2 | 3 {
  return policy.levels
    .filter(({ images }) => images.some((pattern) => compilePathPattern(pattern)?.matches(image) === true))
    .reduce<0 | 2 | 3>((highest, { level }) => (level > highest ? level : highest), 0);
}

function ofPlatform(violation: PolicyViolation): PolicyViolation {
  return { ...violation, message: `platform image ${violation.digest}: ${violation.message}` };
}

function lowest(levels: readonly BuildLevel[]): BuildLevel {
  return levels.reduce((low, level) => (level < low ? level : low), 3);
}
