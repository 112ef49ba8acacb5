// SPDX-License-Identifier: Apache-2.0
import { ASN1Obj } from '@sigstore/core';
import { OID } from './object-identifiers.ts';
import { ServiceRefusal } from './service-refusal.ts';

/** What is to be stamped. */
export interface TimestampRequest {
  /** Object identifier of the hash. */
  readonly hashAlgorithm: string;
  readonly digest: Buffer;
  /** Big-endian bytes of a number that is not negative. */
  readonly nonce?: Buffer;
  readonly withCertificates: boolean;
}

const DIGEST_BYTES: Readonly<Record<string, number>> = { [OID.sha256]: 32, [OID.sha384]: 48, [OID.sha512]: 64 };
const BY_NAME: Readonly<Record<string, string>> = { sha256: OID.sha256, sha384: OID.sha384, sha512: OID.sha512 };

/** Reads `application/timestamp-query` (DER) or the JSON form. Throws a 400 where it is neither. */
export function readTimestampRequest(body: Buffer, contentType: string): TimestampRequest {
  const request = parse(body, contentType);
  if (DIGEST_BYTES[request.hashAlgorithm] !== request.digest.length) throw refusal();
  return request;
}

function parse(body: Buffer, contentType: string): TimestampRequest {
  try {
    return contentType.includes('json') ? fromJson(body) : fromDer(body);
  } catch {
    throw refusal();
  }
}

function fromJson(body: Buffer): TimestampRequest {
  const json = JSON.parse(body.toString()) as Readonly<Record<string, unknown>>;
  const { artifactHash, hashAlgorithm, nonce, certificates } = json;
  const hash = String(hashAlgorithm).toLowerCase().replace('-', '');
  return {
    hashAlgorithm: BY_NAME[hash] ?? '',
    digest: Buffer.from(String(artifactHash), 'base64'),
    withCertificates: certificates === true,
    ...(typeof nonce === 'number' && nonce > 0 ? { nonce: hexBytes(nonce.toString(16)) } : {}),
  };
}

function fromDer(body: Buffer): TimestampRequest {
  const [, imprint, ...optional] = ASN1Obj.parseBuffer(Buffer.from(body)).subs;
  const [algorithm, digest] = imprint?.subs ?? [];
  const nonce = optional.find(({ tag }) => tag.isInteger());
  const certificates = optional.find(({ tag }) => tag.isBoolean());
  return {
    hashAlgorithm: algorithm?.subs[0]?.toOID() ?? '',
    digest: digest?.value ?? Buffer.alloc(0),
    withCertificates: certificates?.toBoolean() ?? false,
    ...(nonce ? { nonce: nonce.value } : {}),
  };
}

function hexBytes(hex: string): Buffer {
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

function refusal(): ServiceRefusal {
  return new ServiceRefusal(400, 'Error parsing timestamp request');
}
