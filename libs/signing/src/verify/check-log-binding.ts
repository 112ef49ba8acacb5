// SPDX-License-Identifier: Apache-2.0
import type { TransparencyLogEntry } from '@sigstore/bundle';
import { type LogClaim, type LoggedHash, readLogClaim } from './log-claim.ts';
import { type Refusal, refuse } from './refusal.ts';
import { type SignedMaterial, hashOf, signatureOf, signedHash } from './signed-material.ts';

/**
 * Whether a log entry speaks of this very key or certificate (DER), signature and content. The verification library
 * leaves the key out, so that an entry for somebody else's key would be accepted (CVE-2026-22703 is of that class).
 */
export function checkLogBinding(entry: TransparencyLogEntry, material: SignedMaterial, key: Buffer): Refusal | null {
  const claim = readLogClaim(entry);
  if (claim === null) return refuse('SIG_LOG_BODY', 'the log entry is malformed or of an unknown kind');
  const [verifier, ...otherVerifiers] = claim.verifiers;
  if (verifier?.equals(key) !== true || otherVerifiers.length > 0)
    return refuse('SIG_LOG_KEY', 'the log entry is for another key or certificate');
  return checkContent(claim, material);
}

function checkContent(claim: LogClaim, material: SignedMaterial): Refusal | null {
  const { content } = material.bundle;
  if (
    claim.signatures !== null &&
    (claim.signatures.length !== 1 || !claim.signatures[0]?.equals(signatureOf(material)))
  )
    return refuse('SIG_LOG_BODY', 'the log entry is for another signature');
  if (claim.signed !== null && signedHash(material, claim.signed.algorithm)?.equals(claim.signed.value) !== true)
    return refuse('SIG_LOG_BODY', 'the log entry is for other content');
  if (!matches(claim.payload, content.$case === 'dsseEnvelope' ? content.dsseEnvelope.payload : null))
    return refuse('SIG_LOG_BODY', 'the log entry is for another payload');
  // Where a bundle is read, the bytes of the envelope that was logged are not known; signature and payload are bound.
  const envelopeIsBound = claim.signatures !== null && material.envelope === null;
  if (!envelopeIsBound && !matches(claim.envelope, material.envelope))
    return refuse('SIG_LOG_BODY', 'the log entry is for another envelope');
  return null;
}

function matches(hash: LoggedHash | null, bytes: Buffer | null): boolean {
  if (hash === null) return true;
  return bytes !== null && hashOf(hash.algorithm, bytes).equals(hash.value);
}
