// SPDX-License-Identifier: Apache-2.0
import type { ProvenanceBuilder, ProvenancePolicy } from '@promograph/manifest';
import type { BuildLevel } from './policy-result.ts';

/**
 * The builders that a signer may claim: those that name one of the policy's signers that it matches, and only where none
 * does, those that name nobody.
 */
export function claimableBuilders(policy: ProvenancePolicy, matched: readonly string[]): readonly ProvenanceBuilder[] {
  const bound = policy.builders.filter(({ signers }) => signers.some((signer) => matched.includes(signer)));
  return bound.length > 0 ? bound : policy.builders.filter(({ signers }) => signers.length === 0);
}

/** The lowest level among `builders`: their signer could have named any of them. 0 for none. */
export function lowestLevel(builders: readonly ProvenanceBuilder[]): BuildLevel {
  return builders.reduce<BuildLevel>((lowest, { level }) => (lowest === 0 || level < lowest ? level : lowest), 0);
}

/** Whether `builder` is meant by the id in a provenance; an id without `@` covers every `id@ref`. */
export function isClaimed(builder: ProvenanceBuilder, id: string): boolean {
  if (id === '') return false;
  if (builder.id === id) return true;
  const at = id.indexOf('@');
  return at > 0 && builder.id === id.slice(0, at);
}
