// SPDX-License-Identifier: Apache-2.0
import type { ProvenancePolicy } from '@promograph/manifest';
import { readBuildProvenance } from './build-provenance.ts';
import { callerProblem } from './check-caller.ts';
import { claimableBuilders, lowestLevel } from './claimable-builders.ts';
import type { BuildLevel } from './policy-result.ts';
import { runControls } from './run-controls.ts';
import type { Distrust, TrustedStatement } from './trusted-statement.ts';

/** What one provenance came to under a policy: a level, or the reasons why it does not count. */
export type ProvenanceOutcome =
  | { readonly isPassed: true; readonly level: BuildLevel; readonly ceiling: BuildLevel }
  | { readonly isPassed: false; readonly reasons: readonly Distrust[] };

/**
 * Checks one provenance that a signer of the policy signed: its builder and sources, the controls of the demanded level, what
 * the builders of its signer reach at most, and its caller. The level never exceeds that ceiling: nothing in a provenance
 * shows how isolated its builder was, and its signer might have named any builder that it may claim.
 */
export function verifyProvenance(policy: ProvenancePolicy, trusted: TrustedStatement): ProvenanceOutcome {
  const { statement, principal, matched } = trusted;
  const builders = claimableBuilders(policy, matched);
  if (builders.length === 0) return rejected('PROVENANCE_SIGNER', 'its signer may claim no builder of the policy');
  const provenance = readBuildProvenance(statement);
  if (provenance === null) {
    return rejected('PROVENANCE_MALFORMED', `it does not follow its predicate type ${statement.predicateType}`);
  }
  const signed = { provenance, principal, builders, sources: policy.sources };
  const { level, failures } = runControls(signed, policy.level);
  if (failures.length > 0) return { isPassed: false, reasons: failures };
  // Last, so that provenance which does not verify says why.
  const ceiling = lowestLevel(builders);
  if (ceiling < policy.level) {
    const names = builders.map(({ id }) => id).join(', ');
    const reach = `its signer may claim ${names}, which reach SLSA build level ${ceiling}`;
    return rejected('PROVENANCE_LEVEL', `${reach}, the policy requires ${policy.level}`);
  }
  const caller = callerProblem(signed);
  if (caller !== null) return rejected('PROVENANCE_CALLER', caller);
  return { isPassed: true, level: Math.min(level, ceiling) as BuildLevel, ceiling };
}

function rejected(code: Distrust['code'], message: string): ProvenanceOutcome {
  return { isPassed: false, reasons: [{ code, message }] };
}
