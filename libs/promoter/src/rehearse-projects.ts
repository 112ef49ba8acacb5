// SPDX-License-Identifier: Apache-2.0
import { hostFailuresOf } from './host-failures.ts';
import type { LivePlan } from './live-plan.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import { PromotionRun } from './promotion-run.ts';
import type { PromoteRun, PromoteStage } from './session.ts';
import type { CanonicalRepositories } from './trust/canonical-repositories.ts';
import { rehearseTrust } from './trust/rehearse-trust.ts';
import type { WireMeter } from './wire-totals.ts';

/** What a rehearsal goes by. */
export interface Rehearsal {
  readonly known: LivePlan;
  readonly through: PromoteStage;
  /** Where digests are signed; null where the tree does not sign. */
  readonly canonical: CanonicalRepositories | null;
  readonly wire: WireMeter;
}

/** What promoting would do, told from what is known already: asks no registry and writes nothing. For trees without a gate. */
export function rehearseProjects(
  workspace: LoadedWorkspace,
  { known: { plans, observations }, through, canonical, wire }: Rehearsal,
): PromoteRun {
  const signing = through === 'promote' ? null : canonical;
  const run = new PromotionRun({ workspace, plans, refused: new Set(), verdicts: new Map(), canonical: signing });
  const trust = rehearseTrust({ plans, groups: run.groups(), canonical: signing, through, confirmed: false });
  const totals = run.rehearse();
  return {
    receipts: run.receipts(false, false, { totals, wire }),
    trust,
    gate: null,
    findings: workspace.findings,
    hostFailures: hostFailuresOf(observations, plans),
  };
}
