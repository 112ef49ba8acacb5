// SPDX-License-Identifier: Apache-2.0
import { type Finding, hasErrors } from '@promograph/manifest';
import {
  type HostFailure,
  type PlanRun,
  type PromoteRun,
  refusedPresent,
  type ReplicateRun,
  type VerifyRun,
  type Workspace,
} from '@promograph/promoter';
import type { GateReport, ReceiptEdge, TrustedDigest } from '@promograph/report';
import { outcomeOfCode } from '../errors/error-catalogue.ts';
import type { Outcome } from '../exit-code.ts';

/** Findings of the selected projects and of the tree as a whole: what another project has wrong is not this run's. */
export function ownFindings(workspace: Workspace): readonly Finding[] {
  const selected = new Set([...workspace.projects, ...workspace.brokenProjects]);
  return workspace.findings.filter(({ project }) => project === null || selected.has(project));
}

/** What findings make of a run. */
export function findingOutcomes(findings: readonly Finding[]): readonly Outcome[] {
  return hasErrors(findings) ? ['input'] : [];
}

/** What a plan found. Lost images that the baseline acknowledges are no trouble. */
export function planOutcomes({ plans, hostFailures }: PlanRun): readonly Outcome[] {
  const outcomes: Outcome[] = hostOutcomes(hostFailures);
  for (const { summary } of plans) {
    if (summary.refused > 0) outcomes.push('refused');
    if (summary.lost > summary.acceptedLost) outcomes.push('partial');
    if (summary.unreadable > 0) outcomes.push('outside');
    if (summary.add + summary.tag > 0) outcomes.push('changes');
  }
  return outcomes;
}

/** What a gate found: refusals, whatever is said of them. */
export function gateOutcomes(gate: GateReport | null): readonly Outcome[] {
  return gate !== null && gate.summary.refused > 0 ? ['refused'] : [];
}

/** What a verification found and did not heal. */
export function verifyOutcomes({ report, hostFailures }: VerifyRun): readonly Outcome[] {
  const open = report.findings.filter(({ healed }) => healed !== true);
  const outcomes = open.map(({ kind }): Outcome => (kind === 'unreadable' ? 'outside' : 'refused'));
  return [...hostOutcomes(hostFailures), ...outcomes];
}

/** What a replication could not copy. */
export function replicateOutcomes({ report, hostFailures }: ReplicateRun): readonly Outcome[] {
  const failed = report.items.filter(({ outcome }) => outcome === 'failed');
  return [...hostOutcomes(hostFailures), ...failed.map(({ error }) => failureOutcome(error?.code))];
}

/** What a promotion came to, edge by edge and, where it signs, digest by digest. */
export function promoteOutcomes(run: PromoteRun): readonly Outcome[] {
  const { receipts, trust, hostFailures } = run;
  const outcomes = new Set<Outcome>(hostOutcomes(hostFailures));
  for (const { edges } of receipts) {
    for (const edge of edges) outcomes.add(edgeOutcome(edge));
  }
  for (const { digests } of trust) {
    for (const digest of digests) outcomes.add(digestOutcome(digest));
  }
  for (const { refused } of refusedPresent(run)) outcomes.add(outcomeOfCode(refused.code));
  return [...outcomes];
}

function digestOutcome({ outcome, error }: TrustedDigest): Outcome {
  if (outcome === 'failed') return failureOutcome(error?.code);
  return outcome === 'skipped' ? 'partial' : 'done';
}

function failureOutcome(code: string | undefined): Outcome {
  return code === undefined ? 'partial' : outcomeOfCode(code);
}

function edgeOutcome(edge: ReceiptEdge): Outcome {
  switch (edge.outcome) {
    case 'added':
    case 'copied':
    case 'tagged':
    case 'present':
    case 'planned':
      return 'done';
    case 'lost':
      return edge.accepted === true ? 'done' : 'partial';
    case 'refused':
      return edge.error === undefined ? 'refused' : outcomeOfCode(edge.error.code);
    case 'skipped':
      return 'partial';
    case 'failed':
      return failureOutcome(edge.error?.code);
  }
}

function hostOutcomes(failures: readonly HostFailure[]): Outcome[] {
  return failures.map(({ code }) => outcomeOfCode(code));
}
