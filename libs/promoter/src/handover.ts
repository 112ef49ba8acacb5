// SPDX-License-Identifier: Apache-2.0
import type { ProjectPlan } from '@promograph/plan';
import type { PromoteReceipt, ReceiptEdge, ReceiptSummary, TrustedDigest, TrustReceipt } from '@promograph/report';
import { countTrusted } from './trust/trust-receipt.ts';

interface Kept {
  /** Edges that a stage before copied, which the last stage only had to tag. */
  readonly added: Set<string>;
  readonly cost: CostSummary;
  /** What stages before wrote, by stage, repository and digest. */
  readonly written: Map<string, TrustedDigest>;
}

type CostSummary = Omit<ReceiptSummary, 'copied' | 'tagged' | 'present' | 'skipped' | 'refused' | 'lost' | 'failed'>;

/**
 * What stages of one session that handed over did, so that the receipt of the last one speaks of the whole run. It tells, and
 * decides nothing: the last stage has looked at everything itself.
 */
export class Handover {
  readonly #kept = new Map<string, Kept>();

  /** Takes note of a stage that handed over. */
  keep(plan: ProjectPlan, receipt: PromoteReceipt, trust: readonly TrustReceipt[]): void {
    const known = this.#kept.get(plan.project);
    const copied = new Set(receipt.edges.filter(({ outcome }) => outcome === 'copied').map(edgeKey));
    const added = plan.actions.filter(({ action, edge }) => action === 'add' && copied.has(edgeKey(edge)));
    const written = trust.flatMap(({ stage, digests }) =>
      digests
        .filter(({ outcome }) => outcome === 'written')
        .map((digest) => [trustKey(stage, digest), digest] as const),
    );
    this.#kept.set(plan.project, {
      added: new Set([...(known?.added ?? []), ...added.map(({ edge }) => edgeKey(edge))]),
      cost: known === undefined ? receipt.summary : addCosts(known.cost, receipt.summary),
      written: new Map([...(known?.written ?? []), ...written]),
    });
  }

  /** The receipt of the last stage, with what was copied before. */
  complete(receipt: PromoteReceipt): PromoteReceipt {
    const kept = this.#kept.get(receipt.project);
    if (kept === undefined) return receipt;
    const isAdded = (edge: ReceiptEdge): boolean => edge.outcome === 'tagged' && kept.added.has(edgeKey(edge));
    const moved = receipt.edges.filter(isAdded).length;
    const { copied, tagged } = receipt.summary;
    return {
      ...receipt,
      summary: {
        ...receipt.summary,
        copied: copied + moved,
        tagged: tagged - moved,
        ...addCosts(kept.cost, receipt.summary),
      },
      edges: receipt.edges.map((edge) => (isAdded(edge) ? { ...edge, outcome: 'added' as const } : edge)),
    };
  }

  /** The receipts of signing and attesting of the last stage, with what was written before. */
  completeTrust(receipt: TrustReceipt): TrustReceipt {
    const kept = this.#kept.get(receipt.project);
    if (kept === undefined) return receipt;
    const digests = receipt.digests.map((digest) => {
      const before = kept.written.get(trustKey(receipt.stage, digest));
      return digest.outcome === 'present' && before !== undefined ? before : digest;
    });
    return { ...receipt, summary: { ...receipt.summary, ...countTrusted(digests) }, digests };
  }

  /** The run of a project is over. */
  forget(project: string): void {
    this.#kept.delete(project);
  }
}

function edgeKey({
  source,
  destination,
  digest,
  tag,
}: Pick<ReceiptEdge, 'source' | 'destination' | 'digest' | 'tag'>): string {
  return `${source} ${destination} ${digest} ${tag ?? ''}`;
}

function trustKey(stage: string, { repository, digest }: TrustedDigest): string {
  return `${stage} ${repository}@${digest}`;
}

function addCosts(left: CostSummary, right: CostSummary): CostSummary {
  return {
    copiedBytes: left.copiedBytes + right.copiedBytes,
    mountedBytes: left.mountedBytes + right.mountedBytes,
    copiedBlobs: left.copiedBlobs + right.copiedBlobs,
    mountedBlobs: left.mountedBlobs + right.mountedBlobs,
    // The meter of the wire runs through the whole session: the later reading has the earlier one in it.
    waitedMs: right.waitedMs,
    retries: right.retries,
  };
}
