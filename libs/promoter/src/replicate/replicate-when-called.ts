// SPDX-License-Identifier: Apache-2.0
import type { ReplicateInput, ReplicatePorts } from './replicate-signatures.ts';
import type { Replication } from './replication-tally.ts';

/**
 * Replication of signatures as `replicate-signatures.ts` does it, imported when it is first called: everything that signing
 * needs hangs on it, and a process that only plans would load that at each start.
 */
export async function replicateSignatures(input: ReplicateInput, ports: ReplicatePorts): Promise<Replication> {
  const module = await import('./replicate-signatures.ts');
  return module.replicateSignatures(input, ports);
}
