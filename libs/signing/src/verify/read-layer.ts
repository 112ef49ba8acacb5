// SPDX-License-Identifier: Apache-2.0
import { BUNDLE_V01_MEDIA_TYPE, type Bundle } from '@sigstore/bundle';
import { HashAlgorithm } from '@sigstore/protobuf-specs';
import { z } from 'zod';
import type { AttestationLayer, SignatureLayer } from '../evidence.ts';
import { refuseSignatures } from './read-bundle.ts';
import { base64Bytes } from './base64.ts';
import { readFirstPem } from './pem.ts';
import { type Refusal, isRefusal, refuse } from './refusal.ts';
import { type SignedMaterial, hashOf } from './signed-material.ts';

const SIGNATURE = 'dev.cosignproject.cosign/signature';
const CERTIFICATE = 'dev.sigstore.cosign/certificate';
const LOG_ENTRY = 'dev.sigstore.cosign/bundle';
const TIMESTAMP = 'dev.sigstore.cosign/rfc3161timestamp';

/** Media type of a layer that holds a DSSE envelope. */
const DSSE_MEDIA_TYPE = 'application/vnd.dsse.envelope.v1+json';

const index = z.int().nonnegative();
// https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
const logEntry = z.object({
  SignedEntryTimestamp: base64Bytes,
  Payload: z.object({
    body: base64Bytes,
    integratedTime: index,
    logIndex: index,
    logID: z.string().regex(/^[0-9a-f]{64}$/),
  }),
});
const timestamp = z.object({ SignedRFC3161Timestamp: base64Bytes });
const kind = z.object({ kind: z.string(), apiVersion: z.string() });
const envelope = z.object({
  payloadType: z.string(),
  payload: base64Bytes,
  signatures: z.array(z.object({ keyid: z.string().nullish(), sig: base64Bytes })),
});

type Material = Bundle['verificationMaterial'];

/** A layer of a `.sig` image as a bundle v0.1 over its payload. */
export function readSignatureLayer({ annotations, bytes }: SignatureLayer): SignedMaterial | Refusal {
  const signature = base64Bytes.safeParse(annotations[SIGNATURE] ?? '');
  if (!signature.success || signature.data.length === 0) return refuse('SIG_FORMAT', 'the layer carries no signature');
  const material = readMaterial(annotations, annotations[TIMESTAMP]);
  if (isRefusal(material)) return material;
  const messageDigest = { algorithm: HashAlgorithm.SHA2_256, digest: hashOf('sha256', bytes) };
  const content = {
    $case: 'messageSignature',
    messageSignature: { messageDigest, signature: signature.data },
  } as const;
  const bundle: Bundle = { mediaType: BUNDLE_V01_MEDIA_TYPE, verificationMaterial: material, content };
  return { bundle, message: { bytes }, envelope: null };
}

/**
 * A layer of an `.att` image as a bundle v0.1. A timestamp of such a layer covers the envelope, which some versions of
 * cosign get wrong; the log's own promise is always there, so the timestamp is not counted.
 */
export function readAttestationLayer({ annotations, bytes, mediaType }: AttestationLayer): SignedMaterial | Refusal {
  if (mediaType !== DSSE_MEDIA_TYPE) return refuse('SIG_FORMAT', `a layer of type ${mediaType} is not signed`);
  const parsed = envelope.safeParse(parseJson(bytes.toString()));
  if (!parsed.success) return refuse('SIG_FORMAT', 'the layer is no DSSE envelope');
  const { signatures, payload, payloadType } = parsed.data;
  const [only, ...others] = signatures;
  if (only === undefined || others.length > 0) return refuseSignatures(signatures.length);
  const material = readMaterial(annotations, undefined);
  if (isRefusal(material)) return material;
  const dsseEnvelope = { payload, payloadType, signatures: [{ keyid: only.keyid ?? '', sig: only.sig }] };
  const content = { $case: 'dsseEnvelope', dsseEnvelope } as const;
  const bundle: Bundle = { mediaType: BUNDLE_V01_MEDIA_TYPE, verificationMaterial: material, content };
  return { bundle, message: null, envelope: bytes };
}

function readMaterial(annotations: Readonly<Record<string, string>>, stamp: string | undefined): Material | Refusal {
  const content = readSigner(annotations[CERTIFICATE] ?? '');
  if (isRefusal(content)) return content;
  const tlogEntries = readLogEntries(annotations[LOG_ENTRY] ?? '');
  if (tlogEntries === null) return refuse('SIG_LOG_BODY', 'the log entry is malformed');
  const rfc3161Timestamps = readTimestamps(stamp ?? '');
  if (rfc3161Timestamps === null) return refuse('SIG_TIME', 'the timestamp is malformed');
  return { content, tlogEntries, timestampVerificationData: { rfc3161Timestamps } };
}

function readSigner(text: string): Material['content'] | Refusal {
  if (text.trim() === '') return { $case: 'publicKey', publicKey: { hint: '' } };
  const rawBytes = readFirstPem(text);
  if (rawBytes === null) return refuse('SIG_FORMAT', 'the certificate is malformed');
  return { $case: 'x509CertificateChain', x509CertificateChain: { certificates: [{ rawBytes }] } };
}

function readLogEntries(text: string): Material['tlogEntries'] | null {
  if (text.trim() === '') return [];
  const parsed = logEntry.safeParse(parseJson(text));
  if (!parsed.success) return null;
  const { SignedEntryTimestamp, Payload } = parsed.data;
  const body = kind.safeParse(parseJson(Payload.body.toString()));
  if (!body.success) return null;
  const entry = {
    logIndex: String(Payload.logIndex),
    logId: { keyId: Buffer.from(Payload.logID, 'hex') },
    kindVersion: { kind: body.data.kind, version: body.data.apiVersion },
    integratedTime: String(Payload.integratedTime),
    inclusionPromise: { signedEntryTimestamp: SignedEntryTimestamp },
    inclusionProof: undefined,
    canonicalizedBody: Payload.body,
  };
  return [entry];
}

function readTimestamps(text: string): { signedTimestamp: Buffer }[] | null {
  if (text.trim() === '') return [];
  const parsed = timestamp.safeParse(parseJson(text));
  return parsed.success ? [{ signedTimestamp: parsed.data.SignedRFC3161Timestamp }] : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
