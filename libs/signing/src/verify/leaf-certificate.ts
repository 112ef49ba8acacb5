// SPDX-License-Identifier: Apache-2.0
import { type KeyObject, X509Certificate } from 'node:crypto';
import { X509Certificate as ParsedCertificate } from '@sigstore/core';
import { digestOf } from '@promograph/oci';
import type { SignerPrincipal } from '../expected-signer.ts';
import { keepEncodings } from './keep-encodings.ts';

/** A signing certificate and what it claims, proven or not. */
export interface LeafCertificate {
  readonly der: Buffer;
  readonly fingerprint: string;
  readonly certificate: X509Certificate;
  /** The same in the form of the verification library. */
  readonly parsed: ParsedCertificate;
  readonly key: KeyObject;
  /** Null where it does not name exactly one subject and an issuer. */
  readonly principal: Extract<SignerPrincipal, { kind: 'certificate' }> | null;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
// https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
const FULCIO_ISSUER_V1 = '1.3.6.1.4.1.57264.1.1';
const FULCIO_ISSUER_V2 = '1.3.6.1.4.1.57264.1.8';
const FULCIO_OTHER_NAME = '1.3.6.1.4.1.57264.1.7';
const FULCIO_BUILD_CONFIG_URI = '1.3.6.1.4.1.57264.1.18';

const OTHER_NAME = 0;
const EMAIL = 1;
const URI = 6;

const MAX_REMEMBERED = 1000;

/** Reads DER certificates, the latest from memory: a run signs everything with few of them. */
export function createLeafReader(): (der: Buffer) => LeafCertificate | null {
  const remembered = new Map<string, LeafCertificate | null>();
  return (der) => {
    const fingerprint = digestOf(der);
    const known = remembered.get(fingerprint);
    if (known !== undefined) return known;
    const leaf = readLeafCertificate(der);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(fingerprint, leaf);
    return leaf;
  };
}

/** Reads a DER certificate; null when it is none. */
export function readLeafCertificate(der: Buffer): LeafCertificate | null {
  try {
    const certificate = new X509Certificate(der);
    const parsed = ParsedCertificate.parse(Buffer.from(der));
    keepEncodings(parsed);
    return {
      der,
      fingerprint: digestOf(der),
      certificate,
      parsed,
      key: certificate.publicKey,
      principal: readPrincipal(parsed),
      notBefore: parsed.notBefore,
      notAfter: parsed.notAfter,
    };
  } catch {
    return null;
  }
}

function readPrincipal(certificate: ParsedCertificate): LeafCertificate['principal'] {
  const subject = readSubject(certificate);
  const issuer =
    readWrapped(certificate, FULCIO_ISSUER_V2) ?? readText(certificate.extension(FULCIO_ISSUER_V1)?.value ?? null);
  if (subject === null || issuer === null) return null;
  return { kind: 'certificate', subject, issuer, buildConfigUri: readWrapped(certificate, FULCIO_BUILD_CONFIG_URI) };
}

/** Of several names one could be meant for the reader and another for the issuer, so there must be exactly one. */
function readSubject(certificate: ParsedCertificate): string | null {
  const names = certificate.extension(SUBJECT_ALTERNATIVE_NAME)?.valueObj.subs[0]?.subs ?? [];
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) return null;
  if (name.tag.isContextSpecific(EMAIL) || name.tag.isContextSpecific(URI)) return readText(name.value);
  if (!name.tag.isContextSpecific(OTHER_NAME) || name.subs[0]?.toOID() !== FULCIO_OTHER_NAME) return null;
  return readText(name.subs[1]?.subs[0]?.value ?? null);
}

function readWrapped(certificate: ParsedCertificate, oid: string): string | null {
  return readText(certificate.extension(oid)?.valueObj.subs[0]?.value ?? null);
}

/** Decoded strictly: a lenient decoder maps different bytes to the same name. */
function readText(bytes: Buffer | null): string | null {
  if (bytes === null || bytes.length === 0) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
