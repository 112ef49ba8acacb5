// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';
import type { CertificateAuthority } from './certificate-authority.ts';
import { certificatePem } from './certificate.ts';
import type { CtLog } from './ct-log.ts';
import type { RekorV1 } from './rekor-v1.ts';
import type { RekorV2 } from './rekor-v2.ts';
import { spkiOf } from './sha256.ts';
import type { TimestampAuthority } from './timestamp-authority.ts';

/** Everything that a verifier trusts. */
export interface TrustParts {
  readonly url: string;
  readonly validFrom: Date;
  readonly authority: CertificateAuthority;
  readonly ctLog: CtLog;
  readonly rekorV1: RekorV1;
  readonly rekorV2: RekorV2;
  readonly timestamps: TimestampAuthority;
}

/** Host in the checkpoints of Rekor v1. */
export const REKOR_V1_HOST = 'rekor-v1.devstack.example';

/** Origin of the checkpoints of Rekor v2: readers compare it with the host of the log's URL in the trusted root. */
export const REKOR_V2_ORIGIN = 'rekor-v2.devstack.example';

const OPERATOR = 'promograph devstack';

/** `trusted_root.json` (version 0.1). */
export function trustedRoot(parts: TrustParts): object {
  const validFor = { start: parts.validFrom.toISOString() };
  const authority = (chain: readonly Buffer[]): object => ({
    subject: { organization: OPERATOR, commonName: OPERATOR },
    uri: parts.url,
    certChain: { certificates: chain.map((der) => ({ rawBytes: der.toString('base64') })) },
    validFor,
  });
  const log = (baseUrl: string, { publicKey, id }: { publicKey: KeyObject; id: Buffer }): object => {
    const keyDetails = publicKey.asymmetricKeyType === 'ed25519' ? 'PKIX_ED25519' : 'PKIX_ECDSA_P256_SHA_256';
    const rawBytes = spkiOf(publicKey).toString('base64');
    const logId = { keyId: id.toString('base64') };
    return { baseUrl, hashAlgorithm: 'SHA2_256', publicKey: { rawBytes, keyDetails, validFor }, logId };
  };
  const { rekorV1, rekorV2, ctLog } = parts;
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [
      log(`https://${REKOR_V1_HOST}`, { publicKey: rekorV1.publicKey, id: rekorV1.logId }),
      log(`https://${REKOR_V2_ORIGIN}`, { publicKey: rekorV2.publicKey, id: rekorV2.logId }),
    ],
    certificateAuthorities: [authority(parts.authority.chain)],
    ctlogs: [log(parts.url, { publicKey: ctLog.publicKey, id: ctLog.id })],
    timestampAuthorities: [authority(parts.timestamps.chain)],
  };
}

/** `signing_config.json` (version 0.2) that writes to one of the two logs and to the time-stamping authority. */
export function signingConfig({ url, validFrom }: TrustParts, rekorVersion: 1 | 2): object {
  const service = (at: string, majorApiVersion: number): readonly object[] => [
    { url: at, majorApiVersion, validFor: { start: validFrom.toISOString() }, operator: OPERATOR },
  ];
  return {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: service(url, 1),
    oidcUrls: service(url, 1),
    rekorTlogUrls: service(url, rekorVersion),
    tsaUrls: service(`${url}/api/v1/timestamp`, 1),
    rekorTlogConfig: { selector: 'ANY' },
    tsaConfig: { selector: 'ANY' },
  };
}

/** The PEM files that cosign 2 takes, by name. */
export function pemFiles(parts: TrustParts): Readonly<Record<PemFile, string>> {
  const [intermediate, root] = parts.authority.chain.map(certificatePem);
  const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }) as string;
  return {
    'fulcio_root.pem': root ?? '',
    'fulcio_intermediate.pem': intermediate ?? '',
    'rekor.pub': pem(parts.rekorV1.publicKey),
    'ctfe.pub': pem(parts.ctLog.publicKey),
    'tsa_chain.pem': parts.timestamps.chain.map(certificatePem).join(''),
  };
}

/** Names of the PEM files. */
export type PemFile = 'fulcio_root.pem' | 'fulcio_intermediate.pem' | 'rekor.pub' | 'ctfe.pub' | 'tsa_chain.pem';
