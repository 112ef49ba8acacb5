// SPDX-License-Identifier: Apache-2.0
import { planProject } from '@promograph/plan';
import { decodeSnapshot, type GateReport, readSnapshotArtifact } from '@promograph/report';
import { dueDigests } from './due-digests.ts';
import { gateReportOf } from './gate/gate-report-of.ts';
import { livePlan } from './live-plan.ts';
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
  const { observations, claims } = decodeSnapshot(artifact);
  const edges = workspace.edgesOf([project]);
  const plan = planProject({ project, edges, observations, claims, acceptedLost: workspace.isLostAccepted });
  const verdicts = await trust.judgeRecorded(dueDigests([plan]), artifact.evidence);
  return gateReportOf([...verdicts.values()].map(({ gated }) => gated));
}

/** What the gate says of a project's due digests now. */
export async function gateLive(
  workspace: LoadedWorkspace,
  project: string,
  ports: ObservePorts & { readonly trust: SessionTrust },
): Promise<GateReport> {
  const { plans, observations } = await livePlan(workspace, [project], ports);
  const verdicts = await ports.trust.judgeLive(dueDigests(plans), observations);
  return gateReportOf([...verdicts.values()].map(({ gated }) => gated));
}
