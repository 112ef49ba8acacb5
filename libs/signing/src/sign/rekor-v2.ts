// SPDX-License-Identifier: Apache-2.0
import { TransparencyLogEntry } from '@sigstore/protobuf-specs';
import { SigningError } from '../signing-error.ts';
import { parseAnswer } from './json-field.ts';
import { AlreadyLoggedError, type LogEntry, type WitnessedSignature } from './log-entry.ts';
import type { ServiceClient } from './service-client.ts';
import { serviceUrl } from './service-url.ts';

const REKOR = { code: 'SIGNING_LOG', name: 'the transparency log' } as const;

/**
 * Writes to a Rekor v2 log: always as `hashedrekord`, of an envelope over the digest of its pre-authentication encoding,
 * because later servers take nothing else. Throws `AlreadyLoggedError` when the log has it and will not show it.
 */
export async function logToRekorV2(
  client: ServiceClient,
  log: URL,
  { witnessed, signal }: { readonly witnessed: WitnessedSignature; readonly signal?: AbortSignal | undefined },
): Promise<LogEntry> {
  const answer = await client.call({
    role: REKOR,
    method: 'POST',
    url: serviceUrl(log, '/api/v2/log/entries'),
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(requestOf(witnessed)),
    alsoExpects: [409],
    signal,
  });
  if (answer.status === 409) throw new AlreadyLoggedError();
  return entryOf(answer.body);
}

function requestOf({ material: { verifier }, signature, digest }: WitnessedSignature): object {
  const rawBytes = verifier.der.toString('base64');
  return {
    hashedRekordRequestV002: {
      digest: digest.toString('base64'),
      signature: {
        content: signature.toString('base64'),
        verifier: {
          ...(verifier.kind === 'certificate' ? { x509Certificate: { rawBytes } } : { publicKey: { rawBytes } }),
          keyDetails: 'PKIX_ECDSA_P256_SHA_256',
        },
      },
    },
  };
}

function entryOf(body: Buffer): LogEntry {
  const json = parseAnswer(body, REKOR);
  let entry: TransparencyLogEntry | null;
  try {
    entry = TransparencyLogEntry.fromJSON(json);
  } catch {
    entry = null;
  }
  if (entry?.logId === undefined || entry.kindVersion === undefined || entry.inclusionProof === undefined) {
    throw new SigningError('SIGNING_LOG', 'the transparency log gave an answer that is not an entry');
  }
  return { ...entry, logId: entry.logId, kindVersion: entry.kindVersion };
}
