// SPDX-License-Identifier: Apache-2.0
import { type KeyObject, verify } from 'node:crypto';
import { ASN1Obj } from '@sigstore/core';
import { challengeOf } from './certificate-identity.ts';
import type { TokenClaims } from './identity-token.ts';
import { type JsonObject, objectAt, textAt } from './json-fields.ts';
import { OID } from './object-identifiers.ts';
import { ServiceRefusal } from './service-refusal.ts';
import { keyOfPem, keyOfSpki } from './verifier-key.ts';

const HASHES: Readonly<Record<string, string | null>> = {
  [OID.ecdsaWithSha256]: 'sha256',
  [OID.ecdsaWithSha384]: 'sha384',
  [OID.ecdsaWithSha512]: 'sha512',
  [OID.rsaWithSha256]: 'sha256',
  [OID.ed25519]: null,
};

/** The key of a v2 request, once the caller has proved that it holds it. Throws a 400. */
export function provenKeyV2(request: JsonObject, claims: TokenClaims): KeyObject {
  const csr = textAt(request, 'certificateSigningRequest');
  if (csr !== '') return keyOfCsr(Buffer.from(csr, 'base64'));
  const publicKeyRequest = objectAt(request, 'publicKeyRequest');
  const key = keyOfPem(textAt(publicKeyRequest, 'publicKey', 'content'));
  return checkProof(key, textAt(publicKeyRequest, 'proofOfPossession'), claims);
}

/** The key of a v1 request (`publicKey`, `signedEmailAddress`), likewise. Throws a 400. */
export function provenKeyV1(request: JsonObject, claims: TokenClaims): KeyObject {
  const csr = textAt(request, 'certificateSigningRequest');
  if (csr !== '') return keyOfCsr(Buffer.from(csr, 'base64'));
  const content = Buffer.from(textAt(request, 'publicKey', 'content'), 'base64');
  const key = content.includes('-----BEGIN') ? keyOfPem(content.toString()) : keyOfSpki(content);
  return checkProof(key, textAt(request, 'signedEmailAddress'), claims);
}

function checkProof(key: KeyObject, proof: string, claims: TokenClaims): KeyObject {
  const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  if (!verify(hash, Buffer.from(challengeOf(claims)), key, Buffer.from(proof, 'base64'))) throw unproven();
  return key;
}

/** A certificate signing request (PKCS #10) proves possession by its own signature. */
function keyOfCsr(pem: Buffer): KeyObject {
  const base64 = pem.toString().replaceAll(/-----[A-Z ]+-----|\s/g, '');
  const [content, algorithm, signature] = parseDer(Buffer.from(base64, 'base64'));
  const spki = content?.subs[2];
  const hash = HASHES[algorithm?.subs[0]?.toOID() ?? ''];
  if (content === undefined || spki === undefined || signature === undefined || hash === undefined) throw unproven();
  const key = keyOfSpki(spki.toDER());
  if (!verify(hash, content.toDER(), key, signature.value.subarray(1))) throw unproven();
  return key;
}

function parseDer(der: Buffer): readonly ASN1Obj[] {
  try {
    return ASN1Obj.parseBuffer(Buffer.from(der)).subs;
  } catch {
    throw unproven();
  }
}

function unproven(): ServiceRefusal {
  return new ServiceRefusal(400, 'The signature supplied in the request could not be verified');
}
