// SPDX-License-Identifier: Apache-2.0
import { decodeSnapshot, type GateReport, readSnapshotArtifact } from '@promograph/report';
import { dueDigests, dueKey } from './due-digests.ts';
import { gateReportOf } from './gate/gate-report-of.ts';
import { livePlan, planOfSnapshot } from './live-plan.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import type { ObservePorts } from './observe-edges.ts';
import type { SessionTrust } from './session-trust.ts';

/**
 * What the gate says of a project's due digests, from exactly the evidence that its snapshot names. Null where the snapshot
 * has none: it was made without a gate.
 */
export async function gateFromSnapshot(
  workspace: LoadedWorkspace,
  { project, snapshot }: { readonly project: string; readonly snapshot: string },
  trust: SessionTrust,
): Promise<GateReport | null> {
  const artifact = readSnapshotArtifact(snapshot);
  if (artifact.evidence === undefined) return null;
  const plan = planOfSnapshot(workspace, project, decodeSnapshot(artifact));
  const verdicts = await trust.judgeRecorded(dueDigests([plan]), artifact.evidence);
  return gateReportOf([...verdicts.values()].map(({ gated }) => gated));
}

/** What the gate says now of the due digests of each project; one that projects share is asked about once. */
export async function gatesLive(
  workspace: LoadedWorkspace,
  projects: readonly string[],
  ports: ObservePorts & { readonly trust: SessionTrust },
): Promise<ReadonlyMap<string, GateReport>> {
  const { plans, observations } = await livePlan(workspace, projects, ports);
  const verdicts = await ports.trust.judgeLive(dueDigests(plans), observations);
  return new Map(
    plans.map((plan) => {
      const gated = dueDigests([plan]).flatMap((due) => verdicts.get(dueKey(due))?.gated ?? []);
      return [plan.project, gateReportOf(gated)];
    }),
  );
}
