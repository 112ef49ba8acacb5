// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from 'node:crypto';
import {
  BUNDLE_V01_MEDIA_TYPE,
  BUNDLE_V02_MEDIA_TYPE,
  BUNDLE_V03_LEGACY_MEDIA_TYPE,
  BUNDLE_V03_MEDIA_TYPE,
  type Bundle,
  bundleFromJSON,
} from '@sigstore/bundle';
import { z } from 'zod';
import { base64Bytes } from './base64.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { SignedMaterial } from './signed-material.ts';

const MEDIA_TYPES = [
  BUNDLE_V01_MEDIA_TYPE,
  BUNDLE_V02_MEDIA_TYPE,
  BUNDLE_V03_LEGACY_MEDIA_TYPE,
  BUNDLE_V03_MEDIA_TYPE,
] as const;

const signatures = z.object({ signatures: z.array(z.object({ sig: base64Bytes })) });
const shape = z.object({
  mediaType: z.enum(MEDIA_TYPES),
  dsseEnvelope: signatures.optional(),
  messageSignature: z.object({ signature: base64Bytes }).optional(),
});

/** Reads a sigstore bundle v0.1 to v0.3. `message` is what a message signature is over. */
export function readBundle(bytes: Buffer, message: SignedMaterial['message'] = null): SignedMaterial | Refusal {
  let bundle: Bundle;
  try {
    const json: unknown = JSON.parse(bytes.toString());
    const parsed = shape.safeParse(json);
    if (!parsed.success) return refuse('SIG_FORMAT', 'it is no sigstore bundle of a known version');
    const count = parsed.data.dsseEnvelope?.signatures.length ?? 1;
    if (count !== 1) return refuseSignatures(count);
    bundle = bundleFromJSON(json);
  } catch (error) {
    return refuse('SIG_FORMAT', `the bundle is malformed: ${error instanceof Error ? error.message : String(error)}`);
  }
  dropBareProofs(bundle);
  return checkNumbers(bundle) ?? checkChain(bundle) ?? { bundle, message, envelope: null };
}

/** Of several signatures one could be checked and another be meant. */
export function refuseSignatures(count: number): Refusal {
  return refuse('DSSE_SIGNATURES', `the envelope must have exactly one signature, it has ${count}`);
}

function checkNumbers(bundle: Bundle): Refusal | null {
  const isNatural = (value: string | undefined): boolean => /^\d{1,19}$/.test(value ?? '0');
  const areNatural = bundle.verificationMaterial.tlogEntries.every(
    (entry) =>
      isNatural(entry.logIndex) && isNatural(entry.integratedTime) && isNatural(entry.inclusionProof?.logIndex),
  );
  return areNatural ? null : refuse('SIG_LOG_BODY', 'an index or time of a log entry is no natural number');
}

/** A root is trusted because the verifier holds it: one that comes along can only mislead. */
function checkChain(bundle: Bundle): Refusal | null {
  const { content } = bundle.verificationMaterial;
  if (content.$case !== 'x509CertificateChain') return null;
  try {
    const chain = content.x509CertificateChain.certificates.map(({ rawBytes }) => new X509Certificate(rawBytes));
    if (!chain.some((one) => one.checkIssued(one))) return null;
    return refuse('SIG_CHAIN', 'the certificate chain brings a root');
  } catch {
    return refuse('SIG_CHAIN', 'the certificate chain is malformed');
  }
}

/** Bundles v0.1 may carry an inclusion proof that no checkpoint vouches for; their log's promise is what counts. */
function dropBareProofs(bundle: Bundle): void {
  for (const entry of bundle.verificationMaterial.tlogEntries)
    if (entry.inclusionProof?.checkpoint === undefined) entry.inclusionProof = undefined;
}
