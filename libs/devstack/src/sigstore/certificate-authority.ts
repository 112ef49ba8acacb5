// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  authorityExtensions,
  type CertificateContent,
  type CertificateExtension,
  certificateBody,
  DIGITAL_SIGNATURE,
  distinguishedName,
  extendedKeyUsage,
  keyIdentifiers,
  randomSerial,
  signCertificate,
} from './certificate.ts';
import { type CertificateIdentity, issuerExtensions, subjectAltName } from './certificate-identity.ts';
import type { CtLog } from './ct-log.ts';
import { der } from './der.ts';
import { OID } from './object-identifiers.ts';

/** A certificate to be issued. */
export interface CertificateRequest {
  readonly publicKey: KeyObject;
  readonly identity: CertificateIdentity;
  /** The OIDC issuer that the certificate names. */
  readonly issuer: string;
  readonly notBefore: Date;
  readonly lifetimeMs: number;
  readonly extensions?: readonly CertificateExtension[];
  /** Leaves out the promise of the certificate transparency log. */
  readonly withoutSct?: boolean;
}

/** Time that certificates of the authorities hold, around a moment. */
export interface AuthorityPeriod {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const ORGANIZATION = 'promograph devstack';

/** Root and intermediate of a Fulcio, in memory. */
export class CertificateAuthority {
  /** DER, intermediate first. */
  readonly chain: readonly [intermediate: Buffer, root: Buffer];
  readonly #ctLog: CtLog;
  readonly #key: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly #name = distinguishedName(ORGANIZATION, 'fulcio intermediate');

  constructor(ctLog: CtLog, period: AuthorityPeriod) {
    this.#ctLog = ctLog;
    const root = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const rootName = distinguishedName(ORGANIZATION, 'fulcio root');
    const rootContent: CertificateContent = {
      ...period,
      subject: rootName,
      issuer: rootName,
      publicKey: root.publicKey,
      extensions: [...authorityExtensions(1), ...keyIdentifiers(root.publicKey)],
    };
    const { publicKey } = this.#key;
    const usage = [...authorityExtensions(0), extendedKeyUsage(OID.codeSigning)];
    const extensions = [...usage, ...keyIdentifiers(publicKey, root.publicKey)];
    const content = { ...period, subject: this.#name, issuer: rootName, publicKey, extensions };
    const certify = (body: CertificateContent): Buffer => signCertificate(certificateBody(body), root.privateKey);
    this.chain = [certify(content), certify(rootContent)];
  }

  /** The DER leaf; its SCT is embedded. */
  issue(request: CertificateRequest): Buffer {
    const content: CertificateContent = {
      subject: der.sequence(),
      issuer: this.#name,
      publicKey: request.publicKey,
      serial: randomSerial(),
      notBefore: request.notBefore,
      notAfter: new Date(request.notBefore.getTime() + request.lifetimeMs),
      extensions: [
        DIGITAL_SIGNATURE,
        extendedKeyUsage(OID.codeSigning),
        ...keyIdentifiers(request.publicKey, this.#key.publicKey),
        subjectAltName(request.identity),
        ...issuerExtensions(request.issuer),
        ...(request.extensions ?? []),
      ],
    };
    const body = certificateBody(content);
    if (request.withoutSct === true) return signCertificate(body, this.#key.privateKey);
    const timestampMs = request.notBefore.getTime();
    const sct = this.#ctLog.timestamp({ body, issuerKey: this.#key.publicKey, timestampMs });
    const complete = certificateBody({ ...content, extensions: [...content.extensions, sct] });
    return signCertificate(complete, this.#key.privateKey);
  }
}
