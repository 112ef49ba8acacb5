// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { CopySemaphore } from './copy-semaphore.ts';

const never = new AbortController().signal;

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve));
  const pending = Symbol('pending');
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

describe('CopySemaphore', () => {
  it('never hands out more than there is', async () => {
    const semaphore = new CopySemaphore(10);
    const first = await semaphore.acquire(6, never);
    const second = semaphore.acquire(5, never);
    expect(await isSettled(second)).toBe(false);

    first.release();

    expect(await isSettled(second)).toBe(true);
  });

  it('lets nobody overtake a large request', async () => {
    const semaphore = new CopySemaphore(10);
    const first = await semaphore.acquire(6, never);
    const large = semaphore.acquire(10, never);
    const small = semaphore.acquire(1, never);
    expect(await isSettled(small)).toBe(false);

    first.release();

    (await large).release();
    expect(await isSettled(small)).toBe(true);
  });

  it('grants what a holder gives back in part, once', async () => {
    const semaphore = new CopySemaphore(10);
    const first = await semaphore.acquire(10, never);
    const second = semaphore.acquire(4, never);

    first.shrink(6);
    (await second).release();
    first.release();
    first.release();

    expect(await isSettled(semaphore.acquire(10, never))).toBe(true);
    expect(await isSettled(semaphore.acquire(1, never))).toBe(false);
  });

  it('takes a request for more than there is as one for all', async () => {
    const semaphore = new CopySemaphore(10);
    const first = semaphore.acquire(1000, never);

    (await first).release();

    expect(await isSettled(semaphore.acquire(10, never))).toBe(true);
  });

  it('lets the next in line go when one before it gives up', async () => {
    const semaphore = new CopySemaphore(10);
    const first = await semaphore.acquire(6, never);
    const cancel = new AbortController();
    const large = semaphore.acquire(10, cancel.signal);
    const small = semaphore.acquire(4, never);

    cancel.abort(new Error('enough'));

    await expect(large).rejects.toThrow('enough');
    expect(await isSettled(small)).toBe(true);
    expect(semaphore.isContended).toBe(false);
    first.release();
  });
});
