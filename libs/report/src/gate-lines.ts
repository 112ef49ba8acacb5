// SPDX-License-Identifier: Apache-2.0
import type { GatedDigest, GateReport } from './gate-report.ts';
import { count } from './measures.ts';
import { severityName } from './severity-name.ts';
import type { ReportedVerdict } from './trust-verdict.ts';

/** The sentence that ends a gate: verdicts on signatures, then refusals. */
export function gateConclusion({ summary }: GateReport): string {
  const { digests, refused, verified, absent, untrusted, unverifiable, failed } = summary;
  const verdicts = Object.entries({ verified, absent, untrusted, unverifiable, failed });
  const told = verdicts.filter(([, amount]) => amount > 0).map(([verdict, amount]) => `${amount} ${verdict}`);
  const signatures = told.length === 0 ? '' : `; signatures: ${told.join(', ')}`;
  return `Gate: ${count(digests, 'digest')}, ${refused} refused${signatures}.`;
}

/** Digests that someone has to look at: refused ones first, then those with warnings. */
export function gateTroubles({ digests }: GateReport): readonly GatedDigest[] {
  const refused = digests.filter((digest) => digest.refused !== undefined);
  const warned = digests.filter((digest) => digest.refused === undefined && (digest.warnings ?? []).length > 0);
  return [...refused, ...warned];
}

/** What the gate says of a digest, one sentence each: why it is refused, then every piece of evidence and every warning. */
export function gateNotes(digest: GatedDigest): readonly string[] {
  const { refused, provenance, scan, warnings = [] } = digest;
  const pieces = (digest.signatures ?? [digest.signature]).filter(({ verdict }) => verdict !== 'verified');
  const levels = provenance === undefined ? [] : provenanceNotes(provenance);
  const found = (scan?.vulnerabilities ?? []).map(
    ({ id, severity, fixable }) => `${id} ${severityName(severity)}${fixable ? ', has a fix' : ''}`,
  );
  return [
    ...(refused === undefined ? [] : [`${refused.reason} ${refused.code}: ${refused.message}`]),
    ...pieces.map(verdictNote),
    ...levels,
    ...(scan === undefined || scan.verdict === 'passed' ? [] : [`scan ${scan.verdict}${listed(found)}`]),
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
}

/** A verdict as one line: `signature untrusted (SIG_IDENTITY): ..., by ..., at ...`. */
export function verdictNote({ verdict, code, message, signer, evidence }: ReportedVerdict): string {
  const why = [code === undefined ? '' : ` (${code})`, message === undefined ? '' : `: ${message}`].join('');
  const where = [signer === undefined ? '' : `, by ${signer}`, evidence === undefined ? '' : `, at ${evidence}`].join(
    '',
  );
  return `signature ${verdict}${why}${where}`;
}

function provenanceNotes(provenance: NonNullable<GatedDigest['provenance']>): readonly string[] {
  if (provenance.verdict === 'satisfied' || provenance.verdict === 'unchecked') return [];
  return [`provenance ${provenance.verdict}${listed(provenance.violations ?? [])}`];
}

function listed(items: readonly string[]): string {
  return items.length === 0 ? '' : `: ${items.join('; ')}`;
}
