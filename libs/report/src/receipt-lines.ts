// SPDX-License-Identifier: Apache-2.0
import type { EdgeLine, LineKind } from './edge-line.ts';
import { lostNote, refusalNote } from './plan-lines.ts';
import type { ReceiptEdge, ReceiptOutcome } from './receipt.ts';

const KINDS: Readonly<Record<ReceiptOutcome, LineKind>> = {
  added: 'add',
  copied: 'add',
  tagged: 'tag',
  present: 'present',
  refused: 'refused',
  lost: 'lost',
  failed: 'failed',
  skipped: 'skipped',
  planned: 'planned',
};

/** An edge of a receipt as a line of the report. */
export function receiptLine(edge: ReceiptEdge): EdgeLine {
  const { source, digest, tag, destination, at, outcome } = edge;
  const isForAction = outcome === 'refused' || outcome === 'failed';
  return {
    kind: KINDS[outcome],
    source,
    digest,
    tag,
    destination,
    at,
    notes: notesOf(edge),
    isForAction,
    isAboutRegistry: false,
  };
}

function notesOf(edge: ReceiptEdge): readonly string[] {
  if (edge.outcome === 'lost') return [lostNote(edge.accepted === true)];
  const { error } = edge;
  const failure =
    error === undefined ? [] : [`${error.code}: ${error.message}`, ...(error.hint === undefined ? [] : [error.hint])];
  return edge.outcome === 'refused' ? [refusalNote(edge), ...failure] : failure;
}
