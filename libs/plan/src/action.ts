// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import type { PromotionEdge } from './edge.ts';

/**
 * What an edge needs: everything (`add`), only its tag (`tag`), or nothing (`present`); or why nothing is done: the source
 * does not have it (`lost`), it must not be done (`refused`), or a registry could not be read (`unreadable`).
 */
export type ActionKind = 'add' | 'tag' | 'present' | 'lost' | 'refused' | 'unreadable';

/** Why an edge is refused. */
export type RefusalReason = 'tag-move' | 'overlap' | 'unsupported-media-type';

/** An edge with what it needs. */
export interface PlannedAction {
  readonly action: ActionKind;
  readonly edge: PromotionEdge;
  /** The digest that the destination's tag resolves to now, where it is another one. */
  readonly observed: Digest | null;
  /** Every digest that claims the same destination and tag; only with `overlap`. */
  readonly conflicts: readonly Digest[];
  readonly reason: RefusalReason | null;
  /** One sentence for people, only where `reason` needs one (a media type, a registry's failure). */
  readonly detail: string | null;
  /** True when the edge is lost and that was acknowledged by the baseline. */
  readonly isAccepted: boolean;
}

/** Counts per edge. */
export interface PlanSummary {
  readonly edges: number;
  readonly add: number;
  readonly tag: number;
  readonly present: number;
  readonly lost: number;
  readonly refused: number;
  /** Edges whose registry could not be read: neither present nor missing. */
  readonly unreadable: number;
  /** Of `lost`, those that the baseline acknowledges. */
  readonly acceptedLost: number;
}

/** The plan of one project: actions sorted by source, digest, destination, tag. */
export interface ProjectPlan {
  readonly project: string;
  readonly summary: PlanSummary;
  readonly actions: readonly PlannedAction[];
  /**
   * Every edge lost, and two or more digests that nobody acknowledged: a wrong registry name rather than lost images.
   */
  readonly allLost: boolean;
}
