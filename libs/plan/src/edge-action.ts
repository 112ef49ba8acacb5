// SPDX-License-Identifier: Apache-2.0
import { type Digest, isPromotableType } from '@promograph/oci';
import type { ActionKind, PlannedAction, RefusalReason } from './action.ts';
import type { PromotionEdge } from './edge.ts';
import type { Observations, RepositoryObservation } from './observation.ts';
import { conflictsOf, type Overlaps } from './overlap.ts';

/** What the action of an edge depends on. */
export interface EdgeContext {
  readonly observations: Observations;
  readonly overlaps: Overlaps;
  /** Lost edges that were acknowledged; they are still lost. */
  readonly isLostAccepted?: (edge: PromotionEdge) => boolean;
}

const NO_CONFLICTS: readonly Digest[] = [];

/**
 * What `edge` needs. Order matters: an overlap is a fault of the manifests whatever a registry holds; then present, tag
 * move, tag, and only then the source is looked at, so a tag move is told even where the source lost the digest.
 */
export function actionOf(edge: PromotionEdge, context: EdgeContext): PlannedAction {
  return actionAtDestination(edge, context) ?? actionFromSource(edge, context);
}

/** The action as far as manifests and the destination decide it; null when the source must be looked at. */
export function actionAtDestination(edge: PromotionEdge, context: EdgeContext): PlannedAction | null {
  const conflicts = conflictsOf(context.overlaps, edge);
  if (conflicts !== null) return act(edge, 'refused', { reason: 'overlap', conflicts });
  const destination = context.observations.get(edge.destination);
  if (destination === undefined || destination.state === 'unreadable')
    return unreadable(edge, 'destination', destination);
  if (destination.state === 'absent') return null;
  const hasDigest = destination.digests.has(edge.digest);
  if (edge.tag === null) return hasDigest ? act(edge, 'present') : null;
  const resolved = destination.tags.get(edge.tag);
  if (resolved === edge.digest) return act(edge, 'present');
  if (resolved !== undefined) return act(edge, 'refused', { reason: 'tag-move', observed: resolved });
  return hasDigest ? act(edge, 'tag') : null;
}

function actionFromSource(edge: PromotionEdge, context: EdgeContext): PlannedAction {
  const source = context.observations.get(edge.source);
  if (source === undefined || source.state === 'unreadable') return unreadable(edge, 'source', source);
  const mediaType = source.digests.get(edge.digest);
  if (mediaType === undefined) {
    return act(edge, 'lost', { isAccepted: context.isLostAccepted?.(edge) ?? false });
  }
  if (mediaType === '' || isPromotableType(mediaType)) return act(edge, 'add');
  const detail = `${edge.source}@${edge.digest} has media type ${mediaType}, which cannot be promoted`;
  return act(edge, 'refused', { reason: 'unsupported-media-type', detail });
}

function unreadable(
  edge: PromotionEdge,
  side: 'source' | 'destination',
  observation: RepositoryObservation | undefined,
): PlannedAction {
  const why = observation === undefined ? 'was not read' : (observation.failure?.message ?? 'could not be read');
  return act(edge, 'unreadable', { detail: `${edge[side]}: ${why}` });
}

interface Particulars {
  readonly observed?: Digest;
  readonly conflicts?: readonly Digest[];
  readonly reason?: RefusalReason;
  readonly detail?: string;
  readonly isAccepted?: boolean;
}

const PLAIN: Particulars = {};

function act(edge: PromotionEdge, action: ActionKind, particulars: Particulars = PLAIN): PlannedAction {
  return {
    action,
    edge,
    observed: particulars.observed ?? null,
    conflicts: particulars.conflicts ?? NO_CONFLICTS,
    reason: particulars.reason ?? null,
    detail: particulars.detail ?? null,
    isAccepted: particulars.isAccepted ?? false,
  };
}
