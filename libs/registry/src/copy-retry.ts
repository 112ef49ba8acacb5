// SPDX-License-Identifier: Apache-2.0
import { PromographError } from '@promograph/errors';
import { RegistryError, type RegistryErrorCode } from './registry-error.ts';

/** How often a spent body is sent again: `attempts` in all, waiting up to `baseMs` doubled each time, at most `capMs`. */
export interface CopyRetryPolicy {
  readonly attempts: number;
  readonly baseMs: number;
  readonly capMs: number;
}

/** Whether sending again can help: not at all, perhaps (an expired token, a lost session), or likely. */
export type RetryClass = 'never' | 'briefly' | 'fully';

/** Attempts in all where a cure is doubtful. */
const BRIEF_ATTEMPTS = 3;

// A token may run out and a session may get lost while a body is on its way; a registry may answer nonsense once.
const DOUBTFUL: readonly RegistryErrorCode[] = [
  'REGISTRY_UNAUTHORIZED',
  'REGISTRY_NOT_FOUND',
  'REGISTRY_REFUSED',
  'REGISTRY_PROTOCOL',
  'REGISTRY_DIGEST_MISMATCH',
];

/** What a failed transfer of a body means for the next attempt. Quota, permission and policy are final. */
export function retryClass(error: unknown): RetryClass {
  if (error instanceof RegistryError && DOUBTFUL.includes(error.code)) return 'briefly';
  if (error instanceof PromographError) return error.retryable ? 'fully' : 'never';
  return isSocketError(error) ? 'fully' : 'never';
}

/** Whether an operation that failed `failures` times, last with `error`, is tried again. */
export function mayRetry(error: unknown, failures: number, policy: CopyRetryPolicy): boolean {
  const kind = retryClass(error);
  if (kind === 'never') return false;
  return failures < (kind === 'fully' ? policy.attempts : Math.min(BRIEF_ATTEMPTS, policy.attempts));
}

/**
 * Full jitter: anything up to the doubled base, so that destinations that failed together do not come back together; a
 * longer wish of the host (Retry-After) wins.
 */
export function retryDelayMs(
  error: unknown,
  failures: number,
  { policy, random }: { readonly policy: CopyRetryPolicy; readonly random: () => number },
): number {
  const wishMs = error instanceof RegistryError ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(wishMs, Math.floor(random() * Math.min(policy.capMs, policy.baseMs * 2 ** failures)));
}

/** Body streams fail with the bare error of the socket (`ECONNRESET`, `UND_ERR_SOCKET`). */
function isSocketError(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  const { code } = error;
  return (
    typeof code === 'string' && (/^E[A-Z]+$/.test(code) || code.startsWith('UND_ERR_')) && code !== 'UND_ERR_ABORTED'
  );
}
