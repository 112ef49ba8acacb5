// SPDX-License-Identifier: Apache-2.0
import { styleText } from 'node:util';
import { printable } from './printable.ts';
import { heading, type TextOptions, nextLine } from './text-lines.ts';
import { nextAfterVerify, verifyConclusion, verifyNotes } from './verify-lines.ts';
import type { VerifyFinding, VerifyReport } from './verify-report.ts';

/**
 * A verification for people at a terminal: a ready `cosign verify` line per image that verifies, then every finding with
 * its evidence, the counts and the next command as the last lines.
 */
export function renderVerifyText(report: VerifyReport, options: TextOptions = {}): string {
  const lines = report.images.map(({ cosign }) => printable(cosign));
  if (lines.length > 0) lines.push('');
  for (const finding of report.findings) lines.push(...findingText(finding, options));
  lines.push(heading(verifyConclusion(report), options));
  const next = options.next ?? nextAfterVerify(report);
  lines.push(...nextLine(next));
  return `${lines.join('\n')}\n`;
}

function findingText(finding: VerifyFinding, { colour }: TextOptions): readonly string[] {
  const style = finding.healed === true ? 'green' : 'red';
  const kind = colour === true ? styleText(style, finding.kind, { validateStream: false }) : finding.kind;
  const tags = finding.tags.length === 0 ? '' : ` (${finding.tags.map(printable).join(', ')})`;
  const head = `${kind}: ${printable(finding.repository)}@${printable(finding.digest)}${tags}`;
  return [head, ...verifyNotes(finding).map((note) => `    ${printable(note)}`)];
}
