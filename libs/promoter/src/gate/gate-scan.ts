// SPDX-License-Identifier: Apache-2.0
import type { ExaminedEvidence } from '@promograph/provenance';
import type { GatedDigest } from '@promograph/report';
import type { DueDigest, GatePorts, GateSettings } from './gate-ports.ts';

/** What the vulnerability gate says of one digest. */
export interface ScanOutcome {
  readonly reported: NonNullable<GatedDigest['scan']>;
  readonly refused: NonNullable<GatedDigest['refused']> | null;
}

/** Evidence of a digest and its platform images. */
export interface ScannedEvidence {
  readonly own: ExaminedEvidence;
  readonly children: readonly { readonly digest: DueDigest['digest']; readonly found: ExaminedEvidence | null }[];
}

/** Null where nothing is scanned. */
export async function gateScan(
  _due: DueDigest,
  _found: ScannedEvidence,
  { settings }: { readonly ports: GatePorts; readonly settings: GateSettings },
): Promise<ScanOutcome | null> {
  return settings.scan === null ? null : Promise.reject(new Error('no scanner'));
}
