// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { der } from './der.ts';
import { OID } from './object-identifiers.ts';
import type { CertificateExtension } from './certificate.ts';
import { sha256, spkiOf } from './sha256.ts';

/** A certificate before its SCT, and the key that will sign it. */
export interface Precertificate {
  readonly body: Buffer;
  readonly issuerKey: KeyObject;
  readonly timestampMs: number;
}

/** A certificate transparency log that promises (RFC 6962) and forgets: no client reads it back. */
export class CtLog {
  readonly publicKey: KeyObject;
  readonly id: Buffer;
  readonly #privateKey: KeyObject;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.publicKey = publicKey;
    this.id = sha256(spkiOf(publicKey));
    this.#privateKey = privateKey;
  }

  /** The extension with the log's signed timestamp for the certificate that has everything but this extension. */
  timestamp(precertificate: Precertificate): CertificateExtension {
    const at = Buffer.alloc(8);
    at.writeBigUInt64BE(BigInt(precertificate.timestampMs));
    const { body, issuerKey } = precertificate;
    const entry = Buffer.concat([sha256(spkiOf(issuerKey)), uint(body.length, 3), body]);
    // version 1, certificate_timestamp, time, precert_entry, no extensions
    const signed = Buffer.concat([Buffer.from([0, 0]), at, uint(1, 2), entry, uint(0, 2)]);
    const signature = sign('sha256', signed, this.#privateKey);
    const algorithm = Buffer.from([4, 3]);
    const sct = Buffer.concat([
      ...[Buffer.from([0]), this.id, at, uint(0, 2)],
      ...[algorithm, uint(signature.length, 2), signature],
    ]);
    const list = Buffer.concat([uint(sct.length + 2, 2), uint(sct.length, 2), sct]);
    return { oid: OID.signedCertificateTimestamps, value: der.octets(list) };
  }
}

function uint(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}
