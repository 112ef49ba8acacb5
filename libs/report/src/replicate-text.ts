// SPDX-License-Identifier: Apache-2.0
import { count } from './measures.ts';
import { printable } from './printable.ts';
import type { ReplicatedItem, ReplicateReport } from './replicate-report.ts';
import { heading, type TextOptions, nextLine } from './text-lines.ts';

const SYMBOLS: Readonly<Record<ReplicatedItem['outcome'], string>> = { copied: '+', planned: '>', failed: 'x' };

/** A replication for people at a terminal: what was, or would be, copied where, then the counts and the next command. */
export function renderReplicateText(report: ReplicateReport, options: TextOptions = {}): string {
  const lines = [...Map.groupBy(report.items, ({ source }) => source)].flatMap(([source, items]) => [
    printable(source),
    ...items.flatMap(itemText),
  ]);
  if (lines.length > 0) lines.push('');
  const [first, ...others] = replicateConclusion(report);
  lines.push(heading(first, options), ...others);
  const next = options.next ?? (report.items.some(isPending) ? 'promograph replicate --confirm' : null);
  lines.push(...nextLine(next));
  return `${lines.join('\n')}\n`;
}

/** The sentences that end a replication: what was found, then what was done. */
export function replicateConclusion({ summary, confirmed }: ReplicateReport): readonly [string, string] {
  const { groups, signed, present, missing, copied, failed, listRequests } = summary;
  const done = confirmed ? `${copied} copied, ${failed} failed` : 'nothing was written: dry run';
  return [
    `Replication: ${present} present, ${missing} missing; ${done}.`,
    `${signed} of ${count(groups, 'image')} signed; ${count(listRequests, 'list request')}.`,
  ];
}

/** Whether an item is still to be copied. */
function isPending({ outcome }: ReplicatedItem): boolean {
  return outcome !== 'copied';
}

function itemText({ outcome, destination, reference, error }: ReplicatedItem): readonly string[] {
  const head = `  ${SYMBOLS[outcome]} ${printable(reference)} -> ${printable(destination)}`;
  return error === undefined ? [head] : [head, `      ${printable(`${error.code}: ${error.message}`)}`];
}
