// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { AuthorityPeriod } from './certificate-authority.ts';
import {
  authorityExtensions,
  certificateBody,
  DIGITAL_SIGNATURE,
  distinguishedName,
  extendedKeyUsage,
  keyIdentifiers,
  randomSerial,
  signCertificate,
} from './certificate.ts';
import { der } from './der.ts';
import { OID } from './object-identifiers.ts';
import { sha256 } from './sha256.ts';
import type { TimestampRequest } from './timestamp-request.ts';

const ORGANIZATION = 'promograph devstack';
const SHA256 = der.sequence(der.oid(OID.sha256));

/** A time-stamping authority of RFC 3161 with a leaf and a root. */
export class TimestampAuthority {
  /** DER, leaf first. */
  readonly chain: readonly [leaf: Buffer, root: Buffer];
  readonly #privateKey: KeyObject;
  readonly #issuer = distinguishedName(ORGANIZATION, 'tsa root');
  readonly #serial = randomSerial();

  constructor(period: AuthorityPeriod) {
    const root = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#privateKey = leaf.privateKey;
    const rootBody = certificateBody({
      ...period,
      subject: this.#issuer,
      issuer: this.#issuer,
      publicKey: root.publicKey,
      extensions: [...authorityExtensions(0), ...keyIdentifiers(root.publicKey)],
    });
    const usage = [DIGITAL_SIGNATURE, extendedKeyUsage(OID.timeStamping, true)];
    const leafBody = certificateBody({
      ...period,
      subject: distinguishedName(ORGANIZATION, 'tsa'),
      issuer: this.#issuer,
      publicKey: leaf.publicKey,
      serial: this.#serial,
      extensions: [...usage, ...keyIdentifiers(leaf.publicKey, root.publicKey)],
    });
    this.chain = [signCertificate(leafBody, root.privateKey), signCertificate(rootBody, root.privateKey)];
  }

  /** A granted TimeStampResp in DER; the time is cut to whole seconds. */
  stamp(request: TimestampRequest, at: Date): Buffer {
    const info = der.sequence(
      der.integer(1),
      der.oid(OID.timeStampPolicy),
      der.sequence(der.sequence(der.oid(request.hashAlgorithm)), der.octets(request.digest)),
      der.integer(randomSerial()),
      der.generalizedTime(at),
      ...(request.nonce ? [der.integer(request.nonce)] : []),
    );
    const signedData = der.sequence(
      der.integer(3),
      der.set(SHA256),
      der.sequence(der.oid(OID.timeStampInfo), der.explicit(0, der.octets(info))),
      ...(request.withCertificates ? [der.explicit(0, this.chain[0])] : []),
      der.set(this.#signerInfo(info, at)),
    );
    const token = der.sequence(der.oid(OID.signedData), der.explicit(0, signedData));
    return der.sequence(der.sequence(der.integer(0)), token);
  }

  #signerInfo(info: Buffer, at: Date): Buffer {
    const name = der.sequence(der.explicit(4, this.#issuer));
    const serial = der.integer(this.#serial);
    const certificateId = der.sequence(der.octets(sha256(this.chain[0])), der.sequence(name, serial));
    const attribute = (oid: string, value: Buffer): Buffer => der.sequence(der.oid(oid), der.set(value));
    const attributes = der.set(
      attribute(OID.contentType, der.oid(OID.timeStampInfo)),
      attribute(OID.signingTime, der.time(at)),
      attribute(OID.messageDigest, der.octets(sha256(info))),
      attribute(OID.signingCertificateV2, der.sequence(der.sequence(certificateId))),
    );
    // Signed as a SET, carried under the implicit tag [0].
    const carried = Buffer.from(attributes);
    carried[0] = 0xa0;
    return der.sequence(
      der.integer(1),
      der.sequence(this.#issuer, serial),
      SHA256,
      carried,
      der.sequence(der.oid(OID.ecdsaWithSha256)),
      der.octets(sign('sha256', attributes, this.#privateKey)),
    );
  }
}
