// SPDX-License-Identifier: Apache-2.0
import { renderReplicateText } from '@promograph/report';
import type { CliContext } from '../cli-context.ts';
import { cipExitCodeOf } from '../exit-code.ts';
import { findingOutcomes, ownFindings, replicateOutcomes } from '../run/run-outcomes.ts';
import { tellTroubles } from '../run/tell-troubles.ts';
import { textOptions } from '../run/text-options.ts';
import { withSession } from '../run/with-session.ts';
import { cipTreeOf } from './cip-decision.ts';

/** Flags of `cip replicate-signatures`. */
export interface ReplicateSignaturesFlags {
  readonly thinManifestDir: string;
  readonly manifest: string;
  readonly confirm: boolean;
  readonly referrers: boolean;
  readonly maxSignatureCopies: number;
}

/** Replicates signatures over all edges of the manifests; everything it tells goes to stderr, as the older tool's log did. */
export async function runReplicateSignatures(context: CliContext, flags: ReplicateSignaturesFlags): Promise<number> {
  const tree = cipTreeOf(flags);
  const where = 'treeDir' in tree ? { manifests: tree.treeDir } : { manifest: tree.manifestFile };
  const { confirm, referrers, maxSignatureCopies: maxCopies } = flags;
  const { run, workspace } = await withSession(context, { project: [], ...where }, async (session) => ({
    run: await session.replicate(undefined, { confirm, referrers, maxCopies }),
    workspace: session.workspace,
  }));
  const findings = ownFindings(workspace);
  await tellTroubles(context, { findings, hostFailures: run.hostFailures, workspace });
  await context.stderr.write(renderReplicateText(run.report, textOptions(context.stderr, '')));
  return cipExitCodeOf([...findingOutcomes(findings), ...replicateOutcomes(run)]);
}
