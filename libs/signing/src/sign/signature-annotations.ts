// SPDX-License-Identifier: Apache-2.0
import type { LogEntry } from './log-entry.ts';
import type { WitnessedContent } from './sign-and-witness.ts';

/** The annotations of a `.sig` layer that cosign reads, from a signature over the layer's bytes. */
export function signatureAnnotations(content: WitnessedContent): Record<string, string> {
  const { material, signature, entries, timestamps } = content;
  const { verifier } = material;
  const entry = entries.find(({ inclusionPromise }) => inclusionPromise !== undefined);
  const [timestamp] = timestamps;
  return {
    'dev.cosignproject.cosign/signature': signature.toString('base64'),
    ...(verifier.kind === 'certificate' && {
      'dev.sigstore.cosign/certificate': material.verifierPem,
      'dev.sigstore.cosign/chain': verifier.chainPem,
    }),
    ...(entry !== undefined && { 'dev.sigstore.cosign/bundle': offlineEntry(entry) }),
    ...(timestamp !== undefined && {
      'dev.sigstore.cosign/rfc3161timestamp': JSON.stringify({ SignedRFC3161Timestamp: timestamp.toString('base64') }),
    }),
  };
}

/** What a verifier needs of a Rekor v1 entry without asking the log. */
function offlineEntry(entry: LogEntry): string {
  return JSON.stringify({
    SignedEntryTimestamp: base64(entry.inclusionPromise?.signedEntryTimestamp),
    Payload: {
      body: base64(entry.canonicalizedBody),
      integratedTime: Number(entry.integratedTime),
      logIndex: Number(entry.logIndex),
      logID: Buffer.from(entry.logId.keyId).toString('hex'),
    },
  });
}

function base64(bytes: Uint8Array = Buffer.alloc(0)): string {
  return Buffer.from(bytes).toString('base64');
}
