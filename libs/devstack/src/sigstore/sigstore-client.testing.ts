// SPDX-License-Identifier: Apache-2.0
import { createHash, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';
import type { JsonObject } from './json-fields.ts';
import { objectAt, textAt } from './json-fields.ts';

/** A status and its JSON body, or its text under `text`. */
export interface ClientAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonObject;
  readonly bytes: Buffer<ArrayBuffer>;
}

/** Posts JSON. */
export async function post(
  url: string,
  value: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<ClientAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(value),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString();
  const body = text.startsWith('{') ? (JSON.parse(text) as JsonObject) : { text };
  return { status: response.status, headers: response.headers, body, bytes };
}

/** A fresh P-256 key pair. */
export function keyPair(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** Asks Fulcio (v2) for a certificate over `keys`, the proof being over `subject`. */
export function requestCertificate(
  url: string,
  request: { readonly token: string; readonly subject: string; readonly keys: ReturnType<typeof keyPair> },
): Promise<ClientAnswer> {
  const { publicKey, privateKey } = request.keys;
  return post(`${url}/api/v2/signingCert`, {
    credentials: { oidcIdentityToken: request.token },
    publicKeyRequest: {
      publicKey: { algorithm: 'ECDSA', content: publicKey.export({ type: 'spki', format: 'pem' }) },
      proofOfPossession: sign('sha256', Buffer.from(request.subject), privateKey).toString('base64'),
    },
  });
}

/** The leaf of Fulcio's answer, PEM. */
export function leafOf(answer: ClientAnswer): string {
  const chain = objectAt(answer.body, 'signedCertificateEmbeddedSct', 'chain')?.['certificates'];
  return Array.isArray(chain) ? String(chain[0]) : '';
}

/** Proposed `hashedrekord 0.0.1` of an artifact. */
export function hashedRekord(artifact: Buffer, signature: Buffer, verifierPem: string): JsonObject {
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value: createHash('sha256').update(artifact).digest('hex') } },
      signature: {
        content: signature.toString('base64'),
        publicKey: { content: Buffer.from(verifierPem).toString('base64') },
      },
    },
  };
}

/** Request for a v2 `hashedrekord` of an artifact, signed under a certificate. */
export function hashedRekordV2(artifact: Buffer, signature: Buffer, certificatePem: string): JsonObject {
  const rawBytes = new X509Certificate(certificatePem).raw.toString('base64');
  return {
    hashedRekordRequestV002: {
      digest: createHash('sha256').update(artifact).digest('base64'),
      signature: {
        content: signature.toString('base64'),
        verifier: { x509Certificate: { rawBytes }, keyDetails: 'PKIX_ECDSA_P256_SHA_256' },
      },
    },
  };
}

/** Rekor v1's answer as a TransparencyLogEntry in JSON. */
export function tlogEntryOf(answer: JsonObject): JsonObject {
  const [entry] = Object.values(answer) as [JsonObject];
  const body = textAt(entry, 'body');
  const { kind, apiVersion } = JSON.parse(Buffer.from(body, 'base64').toString()) as JsonObject;
  const proof = objectAt(entry, 'verification', 'inclusionProof');
  const base64 = (hex: unknown): string => Buffer.from(String(hex), 'hex').toString('base64');
  return {
    logIndex: String(entry['logIndex']),
    logId: { keyId: base64(entry['logID']) },
    kindVersion: { kind, version: apiVersion },
    integratedTime: String(entry['integratedTime']),
    inclusionPromise: { signedEntryTimestamp: textAt(entry, 'verification', 'signedEntryTimestamp') },
    inclusionProof: {
      logIndex: String(proof?.['logIndex']),
      rootHash: base64(proof?.['rootHash']),
      treeSize: String(proof?.['treeSize']),
      hashes: (proof?.['hashes'] as readonly string[]).map(base64),
      checkpoint: { envelope: proof?.['checkpoint'] },
    },
    canonicalizedBody: body,
  };
}
