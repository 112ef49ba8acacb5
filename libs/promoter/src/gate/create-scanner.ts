// SPDX-License-Identifier: Apache-2.0
import type { ScanSettings } from '@promograph/manifest';
import { printRepository } from '@promograph/oci';
import { createContainerAnalysisScanner, type ScanFindings, type Scanner, scanOnce } from '@promograph/provenance';
import type { GoogleTokenSource } from '@promograph/registry';
import type { EvidenceRecord, SourceEvidence } from '@promograph/report';
import type { ServiceClient } from '@promograph/signing';

/**
 * The scanner that the settings name, each digest asked once; null where nothing is scanned, and where findings are attestations,
 * which the gate reads with all other evidence.
 */
export function createScanner(
  scan: ScanSettings | null,
  { client, accessToken }: { readonly client: ServiceClient; readonly accessToken: GoogleTokenSource },
): Scanner | null {
  if (scan?.adapter !== 'containeranalysis') return null;
  const { endpoint } = scan;
  return scanOnce(createContainerAnalysisScanner({ client, endpoint, accessToken }));
}

/** Findings exactly as a snapshot recorded them. */
export function recordedScanner(records: readonly SourceEvidence[]): Scanner {
  const findings = new Map<string, ScanFindings>();
  const note = (source: string, { digest, scan }: EvidenceRecord): void => {
    if (scan !== undefined) findings.set(`${source}@${digest}`, scan);
  };
  for (const record of records) {
    note(record.source, record);
    for (const child of record.children ?? []) note(record.source, child);
  }
  const absent: ScanFindings = { state: 'absent', message: 'the snapshot recorded no scan' };
  return {
    findings: async (repository, digest) => findings.get(`${printRepository(repository)}@${digest}`) ?? absent,
  };
}
