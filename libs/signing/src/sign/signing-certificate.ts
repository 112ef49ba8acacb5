// SPDX-License-Identifier: Apache-2.0
import { generateKeyPair, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { SigningError } from '../signing-error.ts';
import { certificateNames } from './certificate-names.ts';
import type { IdentityToken } from './identity-token.ts';
import { parseAnswer } from './json-field.ts';
import type { ServiceClient } from './service-client.ts';
import { serviceUrl } from './service-url.ts';
import type { CertificateVerifier, SigningMaterial } from './signing-material.ts';

/** The signer that the configuration names. */
export interface SignerIdentity {
  readonly subject: string;
  readonly issuer: string;
}

/** What a certificate is asked for with. */
export interface CertificateRequest {
  readonly authority: URL;
  readonly client: ServiceClient;
  readonly token: IdentityToken;
  readonly identity: SignerIdentity;
  readonly signal?: AbortSignal | undefined;
}

/** A key, its certificate, and when that is valid. */
export interface IssuedCertificate extends SigningMaterial {
  readonly verifier: CertificateVerifier;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const FULCIO = { code: 'SIGNING_CERTIFICATE', name: 'the certificate authority' } as const;
const TIMEOUT_MS = 30_000;
const newKeyPair = promisify(generateKeyPair);

const chainSchema = z.object({ chain: z.object({ certificates: z.array(z.string()).min(1).max(10) }) });
const answerSchema = z.object({ signedCertificateEmbeddedSct: chainSchema });

/**
 * A new P-256 key and Fulcio's certificate for it, checked before anything is signed with it. Errors:
 * `SIGNING_CERTIFICATE`, and `SIGNING_IDENTITY` when the certificate is not the configured signer's.
 */
export async function requestCertificate(request: CertificateRequest): Promise<IssuedCertificate> {
  const { publicKey, privateKey } = await newKeyPair('ec', { namedCurve: 'P-256' });
  const { authority, client, token, signal } = request;
  const answer = await client.call({
    role: FULCIO,
    method: 'POST',
    url: serviceUrl(authority, '/api/v2/signingCert'),
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: requestBody(token, publicKey, privateKey),
    secret: token.secret,
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  const parsed = answerSchema.safeParse(parseAnswer(answer.body, FULCIO));
  if (!parsed.success) throw unusable('without a certificate that a log of certificates vouches for');
  const [leaf = '', ...chain] = parsed.data.signedCertificateEmbeddedSct.chain.certificates.map(readCertificate);
  return materialOf(checkedLeaf(leaf, publicKey, request.identity), chain, privateKey);
}

function requestBody(token: IdentityToken, publicKey: KeyObject, privateKey: KeyObject): string {
  const proof = sign('sha256', Buffer.from(token.holder), privateKey);
  return JSON.stringify({
    credentials: { oidcIdentityToken: token.secret.reveal() },
    publicKeyRequest: {
      publicKey: { algorithm: 'ECDSA', content: publicKey.export({ type: 'spki', format: 'pem' }) },
      proofOfPossession: proof.toString('base64'),
    },
  });
}

function readCertificate(pem: string): X509Certificate | '' {
  try {
    return new X509Certificate(pem);
  } catch {
    return '';
  }
}

function checkedLeaf(leaf: X509Certificate | '', publicKey: KeyObject, identity: SignerIdentity): X509Certificate {
  if (leaf === '') throw unusable('that is no certificate');
  if (!leaf.publicKey.equals(publicKey)) throw unusable('with a certificate for another key');
  const names = namesOf(leaf);
  if (names.subject === identity.subject && names.issuer === identity.issuer) return leaf;
  const actual = `${names.subject ?? 'nobody'} by ${names.issuer ?? 'no issuer'}`;
  throw new SigningError(
    'SIGNING_IDENTITY',
    `the certificate is for ${actual}, the configured signer is ${identity.subject} by ${identity.issuer}`,
    { hint: 'Set signing.identity to the signer that verifiers expect, or sign from where it lives.' },
  );
}

function namesOf(leaf: X509Certificate): ReturnType<typeof certificateNames> {
  try {
    return certificateNames(leaf.raw);
  } catch {
    throw unusable('with a certificate whose names cannot be read');
  }
}

function materialOf(
  leaf: X509Certificate,
  chain: readonly (X509Certificate | '')[],
  privateKey: KeyObject,
): IssuedCertificate {
  return {
    sign: (bytes) => sign('sha256', bytes, privateKey),
    verifierPem: leaf.toString(),
    verifier: { kind: 'certificate', der: leaf.raw, chainPem: chain.map(String).join('') },
    notBeforeMs: Date.parse(leaf.validFrom),
    notAfterMs: Date.parse(leaf.validTo),
  };
}

function unusable(how: string): SigningError {
  return new SigningError('SIGNING_CERTIFICATE', `the certificate authority answered ${how}`);
}
