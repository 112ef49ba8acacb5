// SPDX-License-Identifier: Apache-2.0
import pLimit from 'p-limit';
import { dueKey } from '../due-digests.ts';
import { gateDigest } from './gate-digest.ts';
import type { DueDigest, GatePorts, GateSettings, GateVerdict } from './gate-ports.ts';

/** Digests asked about at once: hosts bound their own requests, so this only bounds what is held in memory. */
const DIGESTS_AT_ONCE = 128;

/** Verdicts on all due digests, each asked about once, by `dueKey`. */
export async function gateDigests(
  due: readonly DueDigest[],
  ports: GatePorts,
  settings: GateSettings,
): Promise<ReadonlyMap<string, GateVerdict>> {
  const limit = pLimit(DIGESTS_AT_ONCE);
  const verdicts = await Promise.all(
    due.map((one) =>
      limit(async () => {
        ports.signal?.throwIfAborted();
        const verdict = await gateDigest(one, ports, settings);
        ports.onDone();
        return [dueKey(one), verdict] as const;
      }),
    ),
  );
  return new Map(verdicts);
}
