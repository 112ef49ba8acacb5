// SPDX-License-Identifier: Apache-2.0

/**
 * Like `Promise.all`, but waits for every promise before it throws the first failure: nothing goes on behind the
 * caller's back, and no later rejection is left unhandled.
 */
export async function settleAll<Value>(promises: Iterable<Promise<Value>>): Promise<Value[]> {
  const values: Value[] = [];
  const failures: unknown[] = [];
  await Promise.all(
    Array.from(promises, (promise, index) =>
      promise.then(
        (value) => {
          values[index] = value;
        },
        (error: unknown) => {
          failures.push(error);
        },
      ),
    ),
  );
  if (failures.length > 0) throw failures[0];
  return values;
}

/** The promise, unless the signal is aborted first: then its reason. The promise itself goes on for others. */
export function orAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
