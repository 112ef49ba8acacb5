// SPDX-License-Identifier: Apache-2.0
import type { TransparencyLogEntry } from '@sigstore/bundle';
import { type SignedEntity, toSignedEntity } from '@sigstore/verify';
import type { LogReference } from '../examination.ts';
import type { SignerPrincipal } from '../expected-signer.ts';
import type { AnchoredVerifier } from './anchored-verifier.ts';
import { checkLogBinding } from './check-log-binding.ts';
import type { ExaminationLimits } from './examination-limits.ts';
import type { LeafCertificate } from './leaf-certificate.ts';
import { type Refusal, isRefusal, refuse } from './refusal.ts';
import { type SignedMaterial, certificateOf, signatureOf } from './signed-material.ts';
import type { TrustedKey } from './trusted-key.ts';
import { verifyPrehashed } from './verify-prehashed.ts';

/** What evidence is verified with. */
export interface Trust {
  readonly verifiers: readonly AnchoredVerifier[];
  readonly keys: readonly TrustedKey[];
  readonly limits: ExaminationLimits;
  readonly readLeaf: (der: Buffer) => LeafCertificate | null;
}

/** Whether material verifies, and who signed it (or claims to have). */
export interface MaterialResult {
  readonly refusal: Refusal | null;
  readonly signer: SignerPrincipal | null;
  readonly log: LogReference | null;
}

/** Checks signature, log binding, time, chain and log of one piece of signed material. Never throws for bad material. */
export function verifyMaterial(material: SignedMaterial, trust: Trust): MaterialResult {
  const { tlogEntries, timestampVerificationData } = material.bundle.verificationMaterial;
  const [entry] = tlogEntries;
  const log = entry ? { logId: entry.logId.keyId.toString('hex'), logIndex: Number(entry.logIndex) } : null;
  const { logEntries, timestamps } = trust.limits;
  const stamps = timestampVerificationData?.rfc3161Timestamps.length ?? 0;
  if (tlogEntries.length > logEntries || stamps > timestamps) {
    const message = `more than ${logEntries} log entries or ${timestamps} timestamps`;
    return { refusal: refuse('EVIDENCE_LIMIT', message), signer: null, log };
  }
  const der = certificateOf(material);
  if (der === null) return { ...verifyKeyed(material, trust), log };
  const leaf = trust.readLeaf(der);
  if (leaf === null) return { refusal: refuse('SIG_FORMAT', 'the certificate is malformed'), signer: null, log };
  return { refusal: verifyCertified(material, leaf, trust), signer: leaf.principal, log };
}

function verifyCertified(material: SignedMaterial, leaf: LeafCertificate, { verifiers }: Trust): Refusal | null {
  const entity = readEntity(material, leaf.fingerprint);
  if (isRefusal(entity)) return entity;
  if (!entity.signature.verifySignature(leaf.key)) return refuse('SIG_CRYPTO', 'the signature is wrong');
  if (leaf.principal === null) return refuse('SIG_FORMAT', 'the certificate does not name one subject and an issuer');
  const unbound = checkEntries(material, leaf.der);
  if (unbound !== null) return unbound;
  const times = readTimes(entity);
  const untimely = checkTimes(times, leaf);
  if (untimely !== null) return untimely;
  if (entity.tlogEntries.length === 0) return refuse('SIG_LOG_BODY', 'it is in no transparency log');
  const issuers = verifiers.filter(({ anchor }) => anchor.periodsOf(leaf).length > 0);
  if (issuers.length === 0)
    return { code: 'SIG_CHAIN', message: 'no trusted authority issued the certificate', isUnknown: true };
  return firstSuccess(issuers, entity, (verifier) => verifier.verifyCertified(entity, leaf, times));
}

function verifyKeyed(material: SignedMaterial, trust: Trust): Omit<MaterialResult, 'log'> {
  const { content } = material.bundle.verificationMaterial;
  const hint = content.$case === 'publicKey' ? content.publicKey.hint : '';
  const claimed: SignerPrincipal | null = hint === '' ? null : { kind: 'key', hint };
  const entity = readEntity(material, hint);
  if (isRefusal(entity)) return { refusal: entity, signer: claimed };
  const isHinted = trust.keys.some((key) => key.hint === hint);
  const key = trust.keys.find((one) => (!isHinted || one.hint === hint) && entity.signature.verifySignature(one.key));
  if (key === undefined) {
    const unknown: Refusal = { code: 'SIG_KEY', message: 'no trusted key made the signature', isUnknown: true };
    return { refusal: isHinted ? refuse('SIG_CRYPTO', 'the signature is wrong') : unknown, signer: claimed };
  }
  const signer: SignerPrincipal = { kind: 'key', hint: key.hint };
  return { refusal: checkEntries(material, key.der) ?? checkKeyLog(entity, key, trust), signer };
}

/** Without any trusted root there is no log to ask: the key alone is the trust then. */
function checkKeyLog(entity: SignedEntity, key: TrustedKey, { verifiers }: Trust): Refusal | null {
  if (verifiers.length === 0) return null;
  if (entity.tlogEntries.length === 0) return refuse('SIG_LOG_BODY', 'it is in no transparency log');
  return firstSuccess(verifiers, entity, (verifier) => verifier.verifyKeyed(entity, key));
}

/** Null when one root verifies; else what the last one says, unless none knows the log. */
function firstSuccess(
  verifiers: readonly AnchoredVerifier[],
  entity: SignedEntity,
  verify: (verifier: AnchoredVerifier) => Refusal | null,
): Refusal | null {
  const knowing = verifiers.filter(({ anchor }) => entity.tlogEntries.every((entry) => anchor.knowsLog(entry)));
  let refusal: Refusal | null = { code: 'SIG_LOG_BODY', message: 'no trusted log holds the entry', isUnknown: true };
  for (const verifier of knowing) {
    refusal = verify(verifier);
    if (refusal === null) break;
  }
  return refusal;
}

/** The library's form of the material, with the key named by `hint` in place of the certificate. */
function readEntity(material: SignedMaterial, hint: string): SignedEntity | Refusal {
  const { bundle, message } = material;
  const content = { $case: 'publicKey', publicKey: { hint } } as const;
  const keyed = { ...bundle, verificationMaterial: { ...bundle.verificationMaterial, content } };
  try {
    const entity = toSignedEntity(keyed, message !== null && 'bytes' in message ? message.bytes : undefined);
    for (const stamp of entity.timestamps) if (stamp.$case === 'timestamp-authority') void stamp.timestamp.signingTime;
    if (bundle.content.$case !== 'messageSignature') return entity;
    if (message === null) return refuse('SIG_FORMAT', 'it signs a file, not a statement');
    return 'sha256' in message ? { ...entity, signature: prehashed(entity, material, message.sha256) } : entity;
  } catch {
    return refuse('SIG_TIME', 'a timestamp is malformed');
  }
}

function prehashed(entity: SignedEntity, material: SignedMaterial, digest: Buffer): SignedEntity['signature'] {
  const { signature } = entity;
  return {
    signature: signature.signature,
    compareSignature: (other) => signature.compareSignature(other),
    compareDigest: (other) => signature.compareDigest(other),
    compareSignedDigest: (other) => signature.compareSignedDigest(other),
    verifySignature: (key) => verifyPrehashed(digest, key, signatureOf(material)),
  };
}

function checkEntries(material: SignedMaterial, key: Buffer): Refusal | null {
  const tlogEntries: readonly TransparencyLogEntry[] = material.bundle.verificationMaterial.tlogEntries;
  const seen = new Set(
    tlogEntries.map((one) => `${one.logId.keyId.toString('hex')} ${one.canonicalizedBody.toString()}`),
  );
  if (seen.size < tlogEntries.length) return refuse('SIG_LOG_BODY', 'the same log entry is shown twice');
  for (const entry of tlogEntries) {
    const refusal = checkLogBinding(entry, material, key);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** Times that log promises and timestamps claim; the library proves them. */
function readTimes({ timestamps }: SignedEntity): Date[] {
  return timestamps.flatMap((stamp) => {
    if (stamp.$case === 'timestamp-authority') return [stamp.timestamp.signingTime];
    const { inclusionPromise, integratedTime } = stamp.tlogEntry;
    return inclusionPromise === undefined ? [] : [new Date(Number(integratedTime) * 1000)];
  });
}

function checkTimes(times: readonly Date[], { notBefore, notAfter }: LeafCertificate): Refusal | null {
  if (times.length === 0)
    return refuse('SIG_TIME', 'nothing proves when it was signed: it has neither a log promise nor a timestamp');
  const isWithin = times.every((time) => notBefore <= time && time <= notAfter);
  return isWithin ? null : refuse('SIG_TIME', 'it was signed outside the validity of the certificate');
}
