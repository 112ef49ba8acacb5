// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';
import { json } from '@sigstore/core';
import type { CertificateAuthority } from './certificate-authority.ts';
import type { CertificateIdentity } from './certificate-identity.ts';
import { certificatePem, type CertificateExtension } from './certificate.ts';
import type { JsonObject } from './json-fields.ts';
import { OID } from './object-identifiers.ts';
import type { RekorV1 } from './rekor-v1.ts';
import type { RekorV2 } from './rekor-v2.ts';
import { sha256 } from './sha256.ts';
import type { TimestampAuthority } from './timestamp-authority.ts';

/** A certificate that no token stands behind. */
export interface ForgedCertificate {
  readonly publicKey: KeyObject;
  readonly identity: CertificateIdentity;
  /** The OIDC issuer that it names. Default: the sigstore's URL. */
  readonly issuer?: string;
  /** Default: now. */
  readonly notBefore?: Date;
  /** Default: that of the sigstore's certificates. */
  readonly lifetimeMs?: number;
  readonly extensions?: readonly CertificateExtension[];
  readonly withoutSct?: boolean;
}

/** A body for a log: any text, or an object that is written in canonical JSON. */
export type ForgedBody = string | object;

/** Makes what honest services never would, with their genuine keys: material for tests of a verifier. */
export interface SigstoreForge {
  /** PEM chain, leaf first. */
  certificate(request: ForgedCertificate): readonly [leaf: string, intermediate: string, root: string];
  /** Logs a body to Rekor v1 unchecked, with a genuine SET for any second; answers what the API would. */
  rekorV1Entry(body: ForgedBody, options?: { readonly integratedTime?: number }): JsonObject;
  /** Logs a body to Rekor v2 unchecked; answers the TransparencyLogEntry. Its spec stands under `hashedRekordV002`. */
  rekorV2Entry(body: ForgedBody): object;
  /** A TimeStampResp (DER) over the data's SHA-256 for any time. */
  timestamp(data: Buffer, at: Date): Buffer;
}

/** What the forge works with. */
export interface ForgeParts {
  readonly url: string;
  readonly now: () => number;
  readonly lifetimeMs: number;
  readonly authority: CertificateAuthority;
  readonly rekorV1: RekorV1;
  readonly rekorV2: RekorV2;
  readonly timestamps: TimestampAuthority;
}

/** Opens the forge over the services of a running sigstore. */
export function openForge({
  url,
  now,
  lifetimeMs,
  authority,
  rekorV1,
  rekorV2,
  timestamps,
}: ForgeParts): SigstoreForge {
  return {
    certificate: (request) => {
      const defaults = { issuer: url, notBefore: new Date(now()), lifetimeMs };
      const leaf = authority.issue({ ...defaults, ...request });
      const [intermediate, root] = authority.chain;
      return [certificatePem(leaf), certificatePem(intermediate), certificatePem(root)];
    },
    rekorV1Entry: (body, options = {}) => {
      const uuid = rekorV1.append(bytesOf(body), options.integratedTime ?? Math.floor(now() / 1000));
      return rekorV1.byUuid(uuid) ?? {};
    },
    rekorV2Entry: (body) => rekorV2.append(bytesOf(body)),
    timestamp: (data, at) =>
      timestamps.stamp({ hashAlgorithm: OID.sha256, digest: sha256(data), withCertificates: true }, at),
  };
}

function bytesOf(body: ForgedBody): Buffer {
  return Buffer.from(typeof body === 'string' ? body : json.canonicalize(body));
}
