// SPDX-License-Identifier: Apache-2.0

/** A name that must match: an exact string, or a regular expression (RE2 syntax) that must match the whole name. */
export type NamePattern = string | { readonly regexp: string };

/** A keyless signer: the certificate's subject alternative name and the issuer of its token, both required. */
export interface ExpectedIdentity {
  readonly kind: 'identity';
  readonly subject: NamePattern;
  readonly issuer: NamePattern;
}

/** A signer that holds a key of its own. */
export interface ExpectedKey {
  readonly kind: 'key';
  /** SubjectPublicKeyInfo, PEM. */
  readonly publicKeyPem: string;
}

/** Whose signature counts. There is no default: the configuration names it. */
export type ExpectedSigner = ExpectedIdentity | ExpectedKey;

/** Who signed, as the evidence says it. */
export type SignerPrincipal =
  | {
      readonly kind: 'certificate';
      readonly subject: string;
      readonly issuer: string;
      /** Build Config URI (1.3.6.1.4.1.57264.1.18) of the certificate, where it has one. */
      readonly buildConfigUri: string | null;
    }
  | {
      readonly kind: 'key';
      /** Base64 SHA-256 of the SubjectPublicKeyInfo. */
      readonly hint: string;
    };
