// SPDX-License-Identifier: Apache-2.0
import { gateConclusion, gateNotes, gateTroubles } from './gate-lines.ts';
import type { GateReport } from './gate-report.ts';
import { printable } from './printable.ts';
import { heading, type TextOptions } from './text-lines.ts';

/** What the gate found, for people at a terminal: refused digests and warnings in full, then the counts. */
export function renderGateText(gate: GateReport, options: TextOptions = {}): string {
  const lines = gateTroubles(gate).flatMap((digest) => [
    `${digest.refused === undefined ? '~' : '!'} ${printable(digest.source)}@${printable(digest.digest)}`,
    ...gateNotes(digest).map((note) => `    ${printable(note)}`),
  ]);
  return [...lines, heading(gateConclusion(gate), options)].map((line) => `${line}\n`).join('');
}
