// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { ServiceRefusal } from './service-refusal.ts';

/** The public key of a PEM text: a certificate or a bare key. Throws a 400 for anything else. */
export function keyOfPem(pem: string): KeyObject {
  return parse(() => (pem.includes('CERTIFICATE') ? new X509Certificate(pem).publicKey : createPublicKey(pem)));
}

/** The public key of a DER certificate. Throws a 400. */
export function keyOfCertificate(der: Buffer): KeyObject {
  return parse(() => new X509Certificate(der).publicKey);
}

/** The public key of a DER SubjectPublicKeyInfo. Throws a 400. */
export function keyOfSpki(der: Buffer): KeyObject {
  return parse(() => createPublicKey({ key: der, format: 'der', type: 'spki' }));
}

function parse(read: () => KeyObject): KeyObject {
  try {
    return read();
  } catch {
    throw new ServiceRefusal(400, 'the verifier is neither a certificate nor a public key');
  }
}
