// SPDX-License-Identifier: Apache-2.0
import type { TransparencyLogEntry } from '@sigstore/bundle';
import { z } from 'zod';
import { base64Bytes, readBase64 } from './base64.ts';
import { readPem } from './pem.ts';

/** A digest that a log entry holds. */
export interface LoggedHash {
  /** As node:crypto names it. */
  readonly algorithm: string;
  readonly value: Buffer;
}

/** What a log entry says was signed, by which key. */
export interface LogClaim {
  /** DER of certificate or public key, one for each signature; null stands for one that cannot be read. */
  readonly verifiers: readonly (Buffer | null)[];
  /** Null where this kind of entry does not hold the signature itself. */
  readonly signatures: readonly Buffer[] | null;
  /** Of the bytes that were signed. */
  readonly signed: LoggedHash | null;
  /** Of the DSSE payload. */
  readonly payload: LoggedHash | null;
  /** Of the JSON envelope. */
  readonly envelope: LoggedHash | null;
}

/** Kind of an entry that the verification library does not know: it holds the digest of the envelope and a key. */
export const INTOTO_V1 = 'intoto/0.0.1';

const hexHash = z
  .object({ algorithm: z.enum(['sha256', 'sha384', 'sha512']), value: z.string().regex(/^([0-9a-f]{2})+$/i) })
  .transform(({ algorithm, value }): LoggedHash => ({ algorithm, value: Buffer.from(value, 'hex') }));
const HASHES = { SHA2_256: 'sha256', SHA2_384: 'sha384', SHA2_512: 'sha512' } as const;
const base64Hash = z
  .object({ algorithm: z.enum(['SHA2_256', 'SHA2_384', 'SHA2_512']), digest: base64Bytes })
  .transform(({ algorithm, digest }): LoggedHash => ({ algorithm: HASHES[algorithm], value: digest }));
const pem = base64Bytes.transform((bytes) => readPem(bytes.toString()));
const rawBytes = z.object({ rawBytes: base64Bytes });
/** `intoto 0.0.2` encodes the signature twice. */
const twice = base64Bytes.transform((bytes) => readBase64(bytes.toString()) ?? Buffer.alloc(0));
const verifier = z
  .object({ x509Certificate: rawBytes.optional(), publicKey: rawBytes.optional() })
  .transform(({ x509Certificate, publicKey }) => (x509Certificate ?? publicKey)?.rawBytes ?? null);
const signatureV2 = z.object({ content: base64Bytes, verifier });

const none = { signatures: null, signed: null, payload: null, envelope: null };

// Types of https://github.com/sigstore/rekor and, from 0.0.2 on for hashedrekord and dsse, of rekor-tiles.
const KINDS: Readonly<Record<string, z.ZodType<LogClaim>>> = {
  'hashedrekord/0.0.1': z
    .object({
      data: z.object({ hash: hexHash }),
      signature: z.object({ content: base64Bytes, publicKey: z.object({ content: pem }) }),
    })
    .transform(({ data, signature: { content, publicKey } }) => ({
      ...none,
      verifiers: [publicKey.content],
      signatures: [content],
      signed: data.hash,
    })),
  'hashedrekord/0.0.2': z
    .object({ hashedRekordV002: z.object({ data: base64Hash, signature: signatureV2 }) })
    .transform(({ hashedRekordV002: { data, signature: signed } }) => ({
      ...none,
      verifiers: [signed.verifier],
      signatures: [signed.content],
      signed: data,
    })),
  'dsse/0.0.1': z
    .object({
      envelopeHash: hexHash,
      payloadHash: hexHash,
      signatures: z.array(z.object({ signature: base64Bytes, verifier: pem })),
    })
    .transform(({ envelopeHash, payloadHash, signatures }) => ({
      ...none,
      verifiers: signatures.map((one) => one.verifier),
      signatures: signatures.map((one) => one.signature),
      payload: payloadHash,
      envelope: envelopeHash,
    })),
  'dsse/0.0.2': z
    .object({ dsseV002: z.object({ payloadHash: base64Hash, signatures: z.array(signatureV2) }) })
    .transform(({ dsseV002: { payloadHash, signatures } }) => ({
      ...none,
      verifiers: signatures.map((one) => one.verifier),
      signatures: signatures.map((one) => one.content),
      payload: payloadHash,
    })),
  [INTOTO_V1]: z
    .object({ content: z.object({ hash: hexHash, payloadHash: hexHash.optional() }), publicKey: pem })
    .transform(({ content, publicKey }) => ({
      ...none,
      verifiers: [publicKey],
      payload: content.payloadHash ?? null,
      envelope: content.hash,
    })),
  'intoto/0.0.2': z
    .object({
      content: z.object({
        payloadHash: hexHash,
        envelope: z.object({ signatures: z.array(z.object({ sig: twice, publicKey: pem })) }),
      }),
    })
    .transform(({ content }) => ({
      ...none,
      verifiers: content.envelope.signatures.map((one) => one.publicKey),
      signatures: content.envelope.signatures.map((one) => one.sig),
      payload: content.payloadHash,
    })),
};

const body = z.object({ kind: z.string(), apiVersion: z.string(), spec: z.unknown() });

/** Reads the body of a log entry; null when it is malformed, of an unknown kind, or not of the kind that it claims. */
export function readLogClaim(entry: TransparencyLogEntry): LogClaim | null {
  const parsed = body.safeParse(parseJson(entry.canonicalizedBody));
  if (!parsed.success) return null;
  const { kind, apiVersion, spec } = parsed.data;
  if (kind !== entry.kindVersion.kind || apiVersion !== entry.kindVersion.version) return null;
  const claim = KINDS[`${kind}/${apiVersion}`]?.safeParse(spec);
  return claim?.success === true ? claim.data : null;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return null;
  }
}
