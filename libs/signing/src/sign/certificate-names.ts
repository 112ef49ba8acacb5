// SPDX-License-Identifier: Apache-2.0
import { ASN1Obj, X509Certificate } from '@sigstore/core';

/** What a Fulcio certificate says of its holder. */
export interface CertificateNames {
  readonly subject: string | null;
  readonly issuer: string | null;
}

const ISSUER_V2 = '1.3.6.1.4.1.57264.1.8';
const ISSUER_V1 = '1.3.6.1.4.1.57264.1.1';

/** Subject alternative name and issuer (extension .8, else .1, which holds bare text). Throws what the parser throws. */
export function certificateNames(der: Buffer): CertificateNames {
  const certificate = X509Certificate.parse(Buffer.from(der));
  const issuer = certificate.extension(ISSUER_V2);
  const legacy = certificate.extension(ISSUER_V1);
  return {
    subject: certificate.subjectAltName ?? null,
    issuer: issuer ? textOf(issuer.value) : legacy ? legacy.value.toString('utf8') : null,
  };
}

/** The text of a DER UTF8String. */
function textOf(value: Buffer): string {
  return ASN1Obj.parseBuffer(Buffer.from(value)).value.toString('utf8');
}
