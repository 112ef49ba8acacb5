// SPDX-License-Identifier: Apache-2.0
import type { Statement } from '@promograph/signing';
import { z } from 'zod';
import { readGrype, readSarif, readTrivy } from './scanner-results.ts';
import { readVulns } from './in-toto-vulns.ts';
import type { Vulnerability } from './scanner.ts';

const COSIGN_VULN = 'https://cosign.sigstore.dev/attestation/vuln/v1';

/** Predicate types of vulnerability attestations that are read. */
export const SCAN_PREDICATE_TYPES: readonly string[] = [
  COSIGN_VULN,
  'https://in-toto.io/attestation/vulns/v0.1',
  'https://in-toto.io/attestation/vulns/v0.2',
];

/** A scan as an attestation tells it. */
export interface ScanReport {
  readonly finishedAt: Date;
  /** Null where the result has none of the shapes that are read. */
  readonly vulnerabilities: readonly Vulnerability[] | null;
}

const time = z.looseObject({ scanFinishedOn: z.string() });
const predicateSchema = z.looseObject({
  scanner: z.looseObject({ result: z.unknown().optional() }),
  metadata: time.optional(),
  // What protobuf makes of the v0.2 predicate.
  scanMetadata: time.optional(),
});

/**
 * Reads a vulnerability attestation. The result of cosign's may be a report of Trivy (`SchemaVersion` 2) or Grype or a SARIF
 * 2.1.0 log, in-toto's is its own list. Null for another predicate, or one that does not say when its scan finished.
 */
export function readScanReport(statement: Statement): ScanReport | null {
  const parsed = predicateSchema.safeParse(statement.predicate);
  if (!SCAN_PREDICATE_TYPES.includes(statement.predicateType) || !parsed.success) return null;
  const { scanner, metadata, scanMetadata } = parsed.data;
  const finishedAt = new Date((metadata ?? scanMetadata)?.scanFinishedOn ?? Number.NaN);
  if (Number.isNaN(finishedAt.getTime())) return null;
  const { result } = scanner;
  const vulnerabilities =
    statement.predicateType === COSIGN_VULN
      ? (readTrivy(result) ?? readGrype(result) ?? readSarif(result))
      : readVulns(result);
  return { finishedAt, vulnerabilities };
}
