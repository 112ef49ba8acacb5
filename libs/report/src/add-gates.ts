// SPDX-License-Identifier: Apache-2.0
import type { GateReport } from './gate-report.ts';

/** Several gates as one: the digests of all, and the sums of their counts. Null where there is none. */
export function addGates(gates: readonly GateReport[]): GateReport | null {
  if (gates.length === 0) return null;
  const summary = { digests: 0, verified: 0, absent: 0, untrusted: 0, unverifiable: 0, failed: 0, refused: 0 };
  for (const gate of gates) {
    for (const key of Object.keys(summary) as (keyof GateReport['summary'])[]) summary[key] += gate.summary[key];
  }
  return { summary, digests: gates.flatMap(({ digests }) => digests) };
}
