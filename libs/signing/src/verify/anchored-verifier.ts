// SPDX-License-Identifier: Apache-2.0
import type { TransparencyLogEntry } from '@sigstore/bundle';
import { type SignedEntity, type TrustMaterial, VerificationError, Verifier } from '@sigstore/verify';
import type { VerdictCode } from '../verdict.ts';
import type { LeafCertificate } from './leaf-certificate.ts';
import { INTOTO_V1 } from './log-claim.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { TrustAnchor } from './trust-anchor.ts';
import type { TrustedKey } from './trusted-key.ts';

/** Verifies against one trusted root: certificate chain and its log, log entries, times and signature. */
export interface AnchoredVerifier {
  readonly anchor: TrustAnchor;
  verifyCertified(entity: SignedEntity, leaf: LeafCertificate, times: readonly Date[]): Refusal | null;
  verifyKeyed(entity: SignedEntity, key: TrustedKey): Refusal | null;
}

type ProvenKey = ReturnType<TrustMaterial['publicKey']>;

/** One run signs everything with few certificates; strangers may use one for each signature. */
const MAX_PROVEN_CERTIFICATES = 1000;

const CODES: Readonly<Record<string, VerdictCode>> = {
  TIMESTAMP_ERROR: 'SIG_TIME',
  CERTIFICATE_ERROR: 'SIG_CHAIN',
  SIGNATURE_ERROR: 'SIG_CRYPTO',
  PUBLIC_KEY_ERROR: 'SIG_TIME',
};

/**
 * Builds a verifier on @sigstore/verify. A certificate whose chain and log were proven once is from then on a key with
 * the periods in which its authorities vouch for it: proving the chain is most of the work.
 */
export function createAnchoredVerifier(anchor: TrustAnchor): AnchoredVerifier {
  const keys = new Map<string, ProvenKey>();
  const publicKey = (hint: string): ProvenKey => {
    const key = keys.get(hint);
    if (key === undefined) throw new VerificationError({ code: 'PUBLIC_KEY_ERROR', message: 'key not found' });
    return key;
  };
  const material = { ...anchor.material, publicKey };

  const verifyCertified: AnchoredVerifier['verifyCertified'] = (entity, leaf, times) => {
    const proven = keys.get(leaf.fingerprint);
    const key: SignedEntity['key'] = times.every((time) => proven?.validFor(time) === true)
      ? { $case: 'public-key', hint: leaf.fingerprint }
      : { $case: 'certificate', certificate: leaf.parsed };
    const refusal = verifyEntity({ ...entity, key }, { anchor, material, timestampThreshold: 1 });
    if (refusal === null && proven === undefined) {
      if (keys.size >= MAX_PROVEN_CERTIFICATES) keys.clear();
      keys.set(leaf.fingerprint, provenKey(leaf, anchor));
    }
    return refusal;
  };
  const verifyKeyed: AnchoredVerifier['verifyKeyed'] = (entity, { key, hint }) => {
    keys.set(hint, { publicKey: key, validFor: () => true });
    const keyed: SignedEntity = { ...entity, key: { $case: 'public-key', hint } };
    return verifyEntity(keyed, { anchor, material, timestampThreshold: 0 });
  };
  return { anchor, verifyCertified, verifyKeyed };
}

function provenKey(leaf: LeafCertificate, anchor: TrustAnchor): ProvenKey {
  const periods = anchor.periodsOf(leaf);
  return { publicKey: leaf.key, validFor: (date) => periods.some(({ start, end }) => start <= date && date <= end) };
}

interface EntityTrust {
  readonly anchor: TrustAnchor;
  readonly material: TrustMaterial;
  readonly timestampThreshold: number;
}

function verifyEntity(entity: SignedEntity, { anchor, material, timestampThreshold }: EntityTrust): Refusal | null {
  const isOld = ({ kindVersion: { kind, version } }: TransparencyLogEntry): boolean =>
    `${kind}/${version}` === INTOTO_V1;
  const tlogEntries = entity.tlogEntries.filter((entry) => !isOld(entry));
  if (!entity.tlogEntries.filter(isOld).every((entry) => anchor.hasPromised(entry)))
    return refuse('SIG_LOG_BODY', 'the log did not promise to include the entry');
  const tlogThreshold = entity.tlogEntries.length > tlogEntries.length ? 0 : 1;
  try {
    new Verifier(material, { tlogThreshold, timestampThreshold }).verify({ ...entity, tlogEntries });
    return null;
  } catch (error) {
    return readError(error);
  }
}

function readError(error: unknown): Refusal {
  if (!(error instanceof VerificationError)) return refuse('SIG_FORMAT', 'the verification material is malformed');
  const code = CODES[error.code] ?? 'SIG_LOG_BODY';
  return refuse(code, `the verification library says: ${error.message}`);
}
