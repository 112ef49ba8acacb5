// SPDX-License-Identifier: Apache-2.0
import type { Digest, Repository } from '@promograph/oci';
import type { Examination, ExpectedSigner } from '@promograph/signing';
import type { ExaminedEvidence } from '../gate/gate-provenance.ts';
import { isSigner } from '../policy/match-signer.ts';
import { isAbout } from '../policy/statement-subject.ts';
import { readScanReport, SCAN_PREDICATE_TYPES } from './scan-report.ts';
import type { ScanFindings, Scanner, Vulnerability } from './scanner.ts';

/** What the adapter for vulnerability attestations needs. */
export interface AttestationScannerOptions {
  /** Reads and examines what is attached to a digest; whoever gates provenance has it already. */
  readonly evidenceOf: (repository: Repository, digest: Digest, signal?: AbortSignal) => Promise<ExaminedEvidence>;
  /** Who may attest to scans; without any, nothing counts. */
  readonly signers: readonly ExpectedSigner[];
  /** Milliseconds. */
  readonly maxAgeMs: number;
  /** Predicate types that are read. Default: all that are known. */
  readonly predicateTypes?: readonly string[];
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** How far a scanner's clock may run ahead of ours. */
const SKEW_MS = 600_000;

interface Report {
  readonly finishedMs: number;
  /** Null where the result cannot be read. */
  readonly vulnerabilities: readonly Vulnerability[] | null;
}

/**
 * Findings from vulnerability attestations attached to the image: by an expected signer, about this digest, the one whose
 * scan finished last, unless it is older than `maxAgeMs`. An older one never stands in for a newest that cannot be read.
 */
export function createAttestationScanner(options: AttestationScannerOptions): Scanner {
  const now = options.now ?? Date.now;
  return {
    findings: async (repository, digest, signal): Promise<ScanFindings> => {
      const { evidence, examinations } = await options.evidenceOf(repository, digest, signal);
      if (evidence.excess !== null) return absent(evidence.excess);
      const reports = examinations
        .map((examination) => reportOf(examination, digest, options))
        .filter((report) => report !== null)
        .filter(({ finishedMs }) => finishedMs <= now() + SKEW_MS);
      if (reports.length === 0) return absent('no vulnerability attestation by an expected signer');
      const newestMs = Math.max(...reports.map(({ finishedMs }) => finishedMs));
      if (now() - newestMs > options.maxAgeMs) {
        return absent(`the newest scan finished at ${new Date(newestMs).toISOString()}, too long ago`);
      }
      return merged(reports.filter(({ finishedMs }) => finishedMs === newestMs));
    },
  };
}

function reportOf(
  examination: Examination,
  digest: Digest,
  { signers, predicateTypes = SCAN_PREDICATE_TYPES }: AttestationScannerOptions,
): Report | null {
  const { status, statement, signer } = examination;
  if (status !== 'verified' || statement === null || signer === null) return null;
  if (!predicateTypes.includes(statement.predicateType) || !isAbout(statement, digest)) return null;
  if (!signers.some((expected) => isSigner(signer, expected))) return null;
  const report = readScanReport(statement);
  if (report === null) return null;
  return { finishedMs: report.finishedAt.getTime(), vulnerabilities: report.vulnerabilities };
}

/** The same scan may be attached twice, in both layouts; of two at the same time neither may hide the other. */
function merged(reports: readonly Report[]): ScanFindings {
  if (reports.some(({ vulnerabilities }) => vulnerabilities === null)) {
    return absent('the result of the newest scan has no shape that is read');
  }
  return { state: 'scanned', vulnerabilities: reports.flatMap(({ vulnerabilities }) => vulnerabilities ?? []) };
}

function absent(message: string): ScanFindings {
  return { state: 'absent', message };
}
