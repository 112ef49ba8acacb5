// SPDX-License-Identifier: Apache-2.0
import { parseRepository } from '@promograph/oci';
import {
  createAttestationScanner,
  type ExaminedEvidence,
  gateVulnerabilities,
  type Scanner,
  type VulnerabilityGate,
} from '@promograph/provenance';
import type { DueDigest, GateChild, GatePorts, GateSettings } from './gate-ports.ts';

/** Evidence of a digest and everything below it. */
export interface ScannedEvidence {
  readonly own: ExaminedEvidence;
  readonly children: readonly (GateChild & { readonly found: ExaminedEvidence | null })[];
}

/** What the vulnerability gate says of one digest; null where nothing is scanned. */
export async function gateScan(
  { source, digest }: DueDigest,
  found: ScannedEvidence,
  { ports, settings }: { readonly ports: GatePorts; readonly settings: GateSettings },
): Promise<VulnerabilityGate | null> {
  const { scan } = settings;
  if (scan === null) return null;
  return gateVulnerabilities({
    repository: parseRepository(source),
    digest,
    children: found.children.filter(({ isIndex }) => !isIndex).map((child) => child.digest),
    indexes: found.children.filter(({ isIndex }) => isIndex).map((child) => child.digest),
    scanner: ports.scanner ?? attestedScans(found, settings),
    rule: { threshold: scan.threshold, fixableOnly: scan.fixableOnly, require: scan.require },
    ...(ports.signal && { signal: ports.signal }),
  });
}

/** Findings from the evidence that the gate has read already. */
function attestedScans({ own, children }: ScannedEvidence, { scan, scanSigners }: GateSettings): Scanner {
  return createAttestationScanner({
    evidenceOf: async (_, digest) => {
      const child = children.find((one) => one.digest === digest);
      if (child === undefined) return own;
      if (child.found === null) throw new Error(`the evidence on ${digest} could not be read`);
      return child.found;
    },
    signers: scanSigners,
    maxAgeMs: scan?.maxAgeMs ?? 0,
  });
}
