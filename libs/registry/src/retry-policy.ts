// SPDX-License-Identifier: Apache-2.0
import { RegistryError } from './registry-error.ts';

/** How long and how often one operation is tried. */
export interface RetryPolicy {
  /** Tries in all. Default 8. */
  readonly attempts: number;
  /** No new try begins after this long. Default 15 minutes. */
  readonly totalMs: number;
  /** The first wait is at most this, and each later one at most twice the one before. Default 100 ms. */
  readonly leastDelayMs: number;
  /** No wait that we choose is longer; Retry-After may be. Default 30 s. */
  readonly mostDelayMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 8,
  totalMs: 15 * 60_000,
  leastDelayMs: 100,
  mostDelayMs: 30_000,
};

/** What a retry loop needs of the world around it. */
export interface RetryWorld {
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Told before each wait. */
  readonly onRetry: (error: RegistryError, delayMs: number) => void;
}

/** Tries of bytes that came wrong: once may be the wire, three times is the store. */
const CONTENT_ATTEMPTS = 3;

/**
 * Runs `attempt` until it succeeds, fails for good, or the policy is used up: then the last error is thrown. Full jitter, so
 * that requests that failed together do not come back together; a longer Retry-After wins.
 */
export async function retrying<T>(
  attempt: (isRepeated: boolean) => Promise<T>,
  policy: RetryPolicy,
  world: RetryWorld & { readonly signal?: AbortSignal | undefined },
): Promise<T> {
  const start = world.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(tries > 1);
    } catch (error) {
      if (!(error instanceof RegistryError) || !mayTryAgain(error, tries, policy)) throw error;
      const ceiling = Math.min(policy.mostDelayMs, policy.leastDelayMs * 2 ** (tries - 1));
      const delayMs = Math.max(ceiling * world.random(), error.retryAfterMs ?? 0);
      if (world.now() - start + delayMs > policy.totalMs) throw error;
      world.onRetry(error, delayMs);
      await world.sleep(delayMs, world.signal);
    }
  }
}

function mayTryAgain(error: RegistryError, tries: number, policy: RetryPolicy): boolean {
  const most =
    error.code === 'REGISTRY_DIGEST_MISMATCH' ? Math.min(CONTENT_ATTEMPTS, policy.attempts) : policy.attempts;
  return error.retryable && tries < most;
}
