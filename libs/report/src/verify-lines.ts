// SPDX-License-Identifier: Apache-2.0
import { count } from './measures.ts';
import { verdictNote } from './gate-lines.ts';
import type { VerifyFinding, VerifyReport } from './verify-report.ts';

/** The sentence that ends a verification. */
export function verifyConclusion({ summary }: VerifyReport): string {
  const { images, verified, findings, healed } = summary;
  const mended = healed === 0 ? '' : `, ${healed} healed`;
  return `Verification: ${verified} of ${count(images, 'image')} verified; ${count(findings, 'finding')}${mended}.`;
}

/** Findings that still stand. */
export function openFindings({ findings }: VerifyReport): readonly VerifyFinding[] {
  return findings.filter(({ healed }) => healed !== true);
}

/** What a finding says below its image. */
export function verifyNotes({ message, evidence = [], healed, index }: VerifyFinding): readonly string[] {
  const below = index === undefined ? '' : `below ${index}: `;
  return [`${below}${message}${healed === true ? ' (healed)' : ''}`, ...evidence.map(verdictNote)];
}

/** The next command to type, or null where none helps. */
export function nextAfterVerify(report: VerifyReport): string | null {
  const isHealable = openFindings(report).some(({ kind }) => kind === 'unsigned' || kind === 'no-record');
  return isHealable ? 'promograph verify --confirm' : null;
}
