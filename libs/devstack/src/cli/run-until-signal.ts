// SPDX-License-Identifier: Apache-2.0

const PARENT_POLL_MS = 500;

/**
 * Prints the one JSON line that says the part is ready, waits for SIGINT or SIGTERM, and closes the part. It also ends
 * when the program that started it does: `npm run` puts a shell in between, which passes no signal on.
 */
export async function runUntilSignal(ready: object, close: () => Promise<void>): Promise<void> {
  const parent = process.ppid;
  const ended = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.resolve());
  const poll = setInterval(() => {
    if (process.ppid !== parent) ended.resolve();
  }, PARENT_POLL_MS);
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  await ended.promise;
  clearInterval(poll);
  await close();
}
