// SPDX-License-Identifier: Apache-2.0
import type { EdgeLine, LineKind } from './edge-line.ts';
import type { PlanReportAction } from './plan-artifact.ts';
import type { ReceiptReason } from './receipt.ts';

const KINDS: Readonly<Record<PlanReportAction['action'], LineKind>> = {
  add: 'add',
  tag: 'tag',
  present: 'present',
  refused: 'refused',
  lost: 'lost',
  unreadable: 'failed',
};

/** A planned action as a line of the report. */
export function planLine(action: PlanReportAction): EdgeLine {
  const { source, digest, tag, destination, at } = action;
  const isAboutRegistry = action.action === 'unreadable';
  const isForAction = action.action === 'refused';
  return {
    kind: KINDS[action.action],
    source,
    digest,
    tag,
    destination,
    at,
    notes: notesOf(action),
    isForAction,
    isAboutRegistry,
  };
}

function notesOf(action: PlanReportAction): readonly string[] {
  if (action.action === 'refused') return [refusalNote(action)];
  if (action.action === 'lost') return [lostNote(action.accepted === true)];
  if (action.action === 'unreadable') return [`unreadable: ${action.detail ?? 'the registry could not be read'}`];
  return [];
}

/** Why an edge is lost. */
export function lostNote(isAccepted: boolean): string {
  return isAccepted ? 'lost: not at the source, accepted by the baseline' : 'lost: the source does not have it';
}

/** What a refused edge of a plan or a receipt says. */
export interface RefusedEdge extends Pick<PlanReportAction, 'observed' | 'conflicts' | 'detail'> {
  readonly reason?: ReceiptReason;
}

/** What a refusal of the gate says; its evidence stands beside it. */
const GATE_NOTES: Readonly<Partial<Record<string, string>>> = {
  signature: 'signature: the gate does not accept the signatures of the source',
  provenance: 'provenance: the policy of the source is not satisfied',
  vulnerability: 'vulnerability: the scan found what is at or above the threshold, or there is none',
};

/** Why an edge is refused, with every digest in full. */
export function refusalNote(edge: RefusedEdge): string {
  if (edge.reason === 'tag-move') {
    return `tag-move: the tag is ${edge.observed ?? 'another digest'} there, and a tag is never moved`;
  }
  if (edge.reason === 'overlap') {
    return `overlap: the manifests put different digests under this tag: ${(edge.conflicts ?? []).join(', ')}`;
  }
  const gate = GATE_NOTES[edge.reason ?? ''];
  if (gate !== undefined) return gate;
  return [edge.reason ?? 'refused', edge.detail].filter((part) => part !== undefined).join(': ');
}
