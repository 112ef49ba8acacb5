// SPDX-License-Identifier: Apache-2.0
import type { GoogleTransport } from './google-transport.ts';
import type { GoogleTokenSource } from './google-credentials.ts';
import { RegistryError, type RegistryErrorCode } from './registry-error.ts';

const PATH = '/computeMetadata/v1/instance/service-accounts/default/token';
/** Off Google's machines nobody answers, and that should not take long to find out. */
const TIMEOUT_MS = 3000;
/** The server itself renews a token so long before its end. */
const RENEW_BEFORE_END_MS = 225_000;
/** What a machine says that has no metadata server. */
const NOBODY: readonly RegistryErrorCode[] = ['REGISTRY_UNREACHABLE', 'REGISTRY_TIMEOUT', 'REGISTRY_CANCELLED'];

interface KeptToken {
  readonly token: string;
  readonly renewAtMs: number;
}

/** Access tokens of the machine's own service account; null, from then on without a question, where there is no metadata server. */
export function metadataAccessTokens(transport: GoogleTransport, now: () => number = Date.now): GoogleTokenSource {
  let kept: KeptToken | null = null;
  let isAbsent = false;
  let asking: Promise<string | null> | null = null;
  const ask = async (): Promise<string | null> => {
    try {
      kept = await readToken(transport, now);
      return kept.token;
    } catch (error) {
      if (kept !== null || !(error instanceof RegistryError) || !NOBODY.includes(error.code)) throw error;
      isAbsent = true;
      return null;
    }
  };
  return async () => {
    if (isAbsent) return null;
    if (kept !== null && now() < kept.renewAtMs) return kept.token;
    asking ??= ask().finally(() => {
      asking = null;
    });
    return asking;
  };
}

async function readToken({ fetch, metadataHost }: GoogleTransport, now: () => number): Promise<KeptToken> {
  const answer = await fetch(`http://${metadataHost}${PATH}`, {
    headers: { 'metadata-flavor': 'Google' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const json: unknown = answer.status === 200 ? await answer.json().catch(() => null) : null;
  const fields = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  const [token, seconds] = [fields['access_token'], fields['expires_in']];
  if (typeof token === 'string' && typeof seconds === 'number') {
    return { token, renewAtMs: now() + seconds * 1000 - RENEW_BEFORE_END_MS };
  }
  throw new RegistryError('REGISTRY_CREDENTIALS', `the metadata server gave no token (status ${answer.status})`);
}
