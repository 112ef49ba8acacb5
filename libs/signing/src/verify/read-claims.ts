// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import type { EvidencePiece } from '../evidence.ts';
import type { SignerPrincipal } from '../expected-signer.ts';
import { readLeafCertificate } from './leaf-certificate.ts';
import { readFirstPem } from './pem.ts';

/** What malformed evidence claims. */
export interface Claims {
  readonly signer: SignerPrincipal | null;
  readonly predicateType: string | null;
}

const raw = z.object({ rawBytes: z.string() });
const envelope = z.object({ payload: z.string() });
const bundle = z.object({
  verificationMaterial: z.object({
    certificate: raw.optional(),
    x509CertificateChain: z.object({ certificates: z.array(raw) }).optional(),
  }),
  dsseEnvelope: envelope.optional(),
});

const NONE: Claims = { signer: null, predicateType: null };

/**
 * Reads who evidence that is refused as malformed claims to be from, and of which predicate type: whether it is a mere
 * curiosity or an attack in a trusted name depends on it.
 */
export function readClaims(piece: EvidencePiece): Claims {
  const json = parseJson(piece.bytes);
  if (piece.layout !== 'bundle') {
    const payload = envelope.safeParse(json).data?.payload;
    const der = readFirstPem(piece.annotations['dev.sigstore.cosign/certificate'] ?? '');
    return { signer: readSigner(der), predicateType: payload === undefined ? null : readPredicateType(payload) };
  }
  const parsed = bundle.safeParse(json);
  if (!parsed.success) return NONE;
  const { verificationMaterial, dsseEnvelope } = parsed.data;
  const { certificate, x509CertificateChain } = verificationMaterial;
  const text = (certificate ?? x509CertificateChain?.certificates[0])?.rawBytes;
  return {
    signer: readSigner(text === undefined ? null : Buffer.from(text, 'base64')),
    predicateType: dsseEnvelope === undefined ? null : readPredicateType(dsseEnvelope.payload),
  };
}

function readSigner(der: Buffer | null): SignerPrincipal | null {
  return der === null ? null : (readLeafCertificate(der)?.principal ?? null);
}

function readPredicateType(payload: string): string | null {
  const parsed = z.object({ predicateType: z.string() }).safeParse(parseJson(Buffer.from(payload, 'base64')));
  return parsed.data?.predicateType ?? null;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return null;
  }
}
