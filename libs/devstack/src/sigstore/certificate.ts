// SPDX-License-Identifier: Apache-2.0
import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { der } from './der.ts';
import { OID } from './object-identifiers.ts';
import { spkiOf } from './sha256.ts';

/** One extension: its value is the DER inside the OCTET STRING. */
export interface CertificateExtension {
  readonly oid: string;
  readonly isCritical?: boolean;
  readonly value: Buffer;
}

/** What a certificate says before it is signed. */
export interface CertificateContent {
  readonly subject: Buffer;
  readonly issuer: Buffer;
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly CertificateExtension[];
  /** Big-endian bytes. Default: 16 random ones. */
  readonly serial?: Buffer;
}

const ECDSA_SHA256 = der.sequence(der.oid(OID.ecdsaWithSha256));

/** A distinguished name of organisation and common name. */
export function distinguishedName(organization: string, commonName: string): Buffer {
  const attribute = (oid: string, text: string): Buffer => der.set(der.sequence(der.oid(oid), der.utf8(text)));
  return der.sequence(attribute(OID.organizationName, organization), attribute(OID.commonName, commonName));
}

/** A serial number whose first bit is clear, so that it is positive in every reader. */
export function randomSerial(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

/** The part of a certificate that is signed (RFC 5280, TBSCertificate). */
export function certificateBody(content: CertificateContent): Buffer {
  return der.sequence(
    der.explicit(0, der.integer(2)),
    der.integer(content.serial ?? randomSerial()),
    ECDSA_SHA256,
    content.issuer,
    der.sequence(der.time(content.notBefore), der.time(content.notAfter)),
    content.subject,
    spkiOf(content.publicKey),
    der.explicit(3, der.sequence(...content.extensions.map(encodeExtension))),
  );
}

/** The DER certificate of a body, signed with ECDSA and SHA-256. */
export function signCertificate(body: Buffer, key: KeyObject): Buffer {
  return der.sequence(body, ECDSA_SHA256, der.bits(sign('sha256', body, key)));
}

/** PEM of one DER certificate, with a line feed at its end. */
export function certificatePem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** Extensions of a certificate that signs certificates; `pathLength` more of them may follow. */
export function authorityExtensions(pathLength: number): readonly CertificateExtension[] {
  const constraints = der.sequence(der.boolean(true), der.integer(pathLength));
  return [
    { oid: OID.basicConstraints, isCritical: true, value: constraints },
    // keyCertSign and cRLSign
    { oid: OID.keyUsage, isCritical: true, value: der.bits(Buffer.from([0x06]), 1) },
  ];
}

/** Key usage of a certificate that signs data. */
export const DIGITAL_SIGNATURE: CertificateExtension = {
  oid: OID.keyUsage,
  isCritical: true,
  value: der.bits(Buffer.from([0x80]), 7),
};

/** What the key may be used for. Time-stamping certificates need it critical, Fulcio's are not. */
export function extendedKeyUsage(purpose: string, isCritical = false): CertificateExtension {
  return { oid: OID.extKeyUsage, isCritical, value: der.sequence(der.oid(purpose)) };
}

/** Subject key identifier and, where there is an issuer, the authority key identifier. */
export function keyIdentifiers(subject: KeyObject, issuer?: KeyObject): readonly CertificateExtension[] {
  const own = { oid: OID.subjectKeyIdentifier, value: der.octets(keyIdentifier(subject)) };
  if (issuer === undefined) return [own];
  const value = der.sequence(der.implicit(0, keyIdentifier(issuer)));
  return [own, { oid: OID.authorityKeyIdentifier, value }];
}

/** Method 2 of RFC 7093: a hash of the key; any stable one would do. */
function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha256').update(spkiOf(key)).digest().subarray(0, 20);
}

function encodeExtension({ oid, isCritical = false, value }: CertificateExtension): Buffer {
  return der.sequence(der.oid(oid), ...(isCritical ? [der.boolean(true)] : []), der.octets(value));
}
