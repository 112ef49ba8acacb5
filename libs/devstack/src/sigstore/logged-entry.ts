// SPDX-License-Identifier: Apache-2.0

/** An entry of one of the two logs, as tests look at it. */
export interface LoggedEntry {
  readonly log: 'rekor-v1' | 'rekor-v2';
  readonly logIndex: number;
  /** `hashedrekord` or `dsse`; what a forged body says. */
  readonly kind: string;
  /** Hex SHA-256 of what was signed: the artifact, or for `dsse` the payload; '' when a forged body has none. */
  readonly digest: string;
  /** PEM (v1) or base64 DER (v2) of the certificate or key. */
  readonly verifier: string;
  /** Seconds since 1970; v2 tells none. */
  readonly integratedTime?: number;
  /** The canonical body. */
  readonly body: Buffer;
}
