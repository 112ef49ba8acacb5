// SPDX-License-Identifier: Apache-2.0
import { RFC3161Timestamp } from '@sigstore/core';
import { SigningError } from '../signing-error.ts';
import type { ServiceClient } from './service-client.ts';

const STAMP = { code: 'SIGNING_TIMESTAMP', name: 'the timestamp authority' } as const;
const TIMEOUT_MS = 30_000;
/** DER of a request (RFC 3161): version 1, SHA-256 imprint, no nonce (no signature is ever made twice), certificates wanted. */
const BEFORE_DIGEST = Buffer.from('3039020101' + '3031300d060960864801650304020105000420', 'hex');
const AFTER_DIGEST = Buffer.from('0101ff', 'hex');

/** A timestamp response (DER) over a SHA-256 digest. Error `SIGNING_TIMESTAMP`; the stamp itself is verified later. */
export async function requestTimestamp(
  client: ServiceClient,
  authority: URL,
  { digest, signal }: { readonly digest: Buffer; readonly signal?: AbortSignal | undefined },
): Promise<Buffer> {
  const answer = await client.call({
    role: STAMP,
    method: 'POST',
    url: authority,
    headers: { accept: 'application/timestamp-reply', 'content-type': 'application/timestamp-query' },
    body: Buffer.concat([BEFORE_DIGEST, digest, AFTER_DIGEST]),
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  if (!isGranted(answer.body))
    throw new SigningError('SIGNING_TIMESTAMP', 'the timestamp authority granted no timestamp');
  return answer.body;
}

function isGranted(der: Buffer): boolean {
  try {
    // 0 granted, 1 granted with modifications.
    return RFC3161Timestamp.parse(Buffer.from(der)).status <= 1n;
  } catch {
    return false;
  }
}
