// SPDX-License-Identifier: Apache-2.0
import type { ProjectPlan } from '@promograph/plan';
import type { TrustedDigest, TrustReceipt } from '@promograph/report';
import { dueKey } from '../due-digests.ts';
import { presentDigests } from '../present-digests.ts';
import type { PromoteStage } from '../session.ts';
import type { WorkGroup } from '../work-group.ts';
import type { CanonicalRepositories } from './canonical-repositories.ts';
import { printTrustReceipt } from './trust-receipt.ts';

/** What would be looked at, where nothing is signed: in a dry run, or with nothing due. */
export interface TrustRehearsal {
  readonly plans: readonly ProjectPlan[];
  readonly groups: readonly WorkGroup[];
  /** Null where the run does not sign. */
  readonly canonical: CanonicalRepositories | null;
  readonly through: PromoteStage;
  readonly confirmed: boolean;
}

/**
 * Receipts that name the digests whose signatures and records a confirmed run would look for, and count the rest; none of a
 * run that does not sign.
 */
export function rehearseTrust(rehearsal: TrustRehearsal): readonly TrustReceipt[] {
  const { plans, groups, canonical, through, confirmed } = rehearsal;
  if (canonical === null || through === 'promote') return [];
  const looked = new Set(groups.map(dueKey));
  const stages = through === 'attest' ? (['sign', 'attest'] as const) : (['sign'] as const);
  return plans.flatMap(({ project, actions }) => {
    const own = groups.filter((group) => group.project === project);
    const digests = own.map((group) => plannedDigest(group, canonical));
    const notLookedAt = presentDigests(actions, looked);
    return stages.map((stage) =>
      printTrustReceipt({ project, stage, confirmed, digests, notLookedAt, certificates: 0 }),
    );
  });
}

function plannedDigest({ project, source, digest }: WorkGroup, canonical: CanonicalRepositories): TrustedDigest {
  const { repository, reference } = canonical.placeOf(project, source, digest);
  return { repository, digest, reference, outcome: 'planned' };
}
