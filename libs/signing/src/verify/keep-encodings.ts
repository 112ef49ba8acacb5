// SPDX-License-Identifier: Apache-2.0
import type { ASN1Obj, X509Certificate } from '@sigstore/core';

/**
 * Makes a certificate remember its encodings and who issued it. The verification library encodes and verifies the
 * certificates of a root anew for each signature, which is most of its work; they do not change once they are parsed.
 */
export function keepEncodings(certificate: X509Certificate): void {
  for (const part of [certificate.root, certificate.tbsCertificate]) keepEncoding(part);
  const { publicKey } = certificate;
  Object.defineProperty(certificate, 'publicKey', { value: publicKey });
  const issued = new Map<X509Certificate | undefined, boolean>();
  const verify = certificate.verify.bind(certificate);
  certificate.verify = (issuer) => {
    const known = issued.get(issuer) ?? verify(issuer);
    if (issued.size < MAX_ISSUERS) issued.set(issuer, known);
    return known;
  };
}

const MAX_ISSUERS = 100;

function keepEncoding(part: ASN1Obj): void {
  const bytes = part.toDER();
  part.toDER = () => bytes;
}
