// SPDX-License-Identifier: Apache-2.0
import type { ReplicateSettings } from '@promograph/manifest';
import { FORMAT_VERSION } from '@promograph/report';
import type { LoadedWorkspace } from '../load-workspace.ts';
import type { PromoterEvent } from '../promoter-event.ts';
import type { ReplicateOptions, ReplicateRun } from '../session.ts';
import type { CanonicalRepositories } from '../trust/canonical-repositories.ts';
import { replicateSignatures, type ReplicatePorts } from './replicate-signatures.ts';
import { replicationRoutes, signedRepositories } from './replication-route.ts';

/** What replication of a session is done with. */
export interface ReplicateSessionPorts extends Omit<ReplicatePorts, 'onProgress'> {
  readonly onEvent: (event: PromoterEvent) => void;
  readonly options: ReplicateOptions;
  /** Where the digests of the tree are signed. */
  readonly canonicals: CanonicalRepositories;
  /** Null where the tree does not say how it replicates: the options and the defaults do. */
  readonly settings: ReplicateSettings | null;
}

/** Replicates the signatures of the projects' digests; dry without `confirm`. */
export async function replicateSession(
  workspace: LoadedWorkspace,
  projects: readonly string[],
  { onEvent, options, canonicals, settings, ...ports }: ReplicateSessionPorts,
): Promise<ReplicateRun> {
  const maxCopies = options.maxCopies ?? settings?.concurrency;
  const replication = await replicateSignatures(
    {
      routes: replicationRoutes(workspace.edgesOf(projects), canonicals),
      canonicals: signedRepositories(workspace.everyEdge, canonicals),
      confirm: options.confirm,
      referrers: options.referrers ?? settings?.referrers ?? true,
      ...(maxCopies !== undefined && { maxCopies }),
    },
    { ...ports, onProgress: (done, total) => onEvent({ type: 'progress', stage: 'read', done, total }) },
  );
  const { summary, items, hostFailures, differing } = replication;
  if (differing > 0) {
    onEvent({ type: 'notice', message: `${differing} tags hold something else at a mirror and were left alone` });
  }
  return {
    report: { formatVersion: FORMAT_VERSION, confirmed: options.confirm, summary, items },
    findings: workspace.findings,
    hostFailures,
  };
}
