// SPDX-License-Identifier: Apache-2.0

/** Prints the one JSON line that says the part is ready, waits for SIGINT or SIGTERM, and closes the part. */
export async function runUntilSignal(ready: object, close: () => Promise<void>): Promise<void> {
  const signalled = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  await signalled;
  await close();
}
