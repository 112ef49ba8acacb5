// SPDX-License-Identifier: Apache-2.0
import type { FindingExplanation } from './finding-codes.ts';

/** Codes about `promograph.yaml` and `promograph-baseline.yaml`. */
export const SETTINGS_CODES = {
  'version-unsupported': {
    title: 'The file is of a version that this promograph does not know',
    cause: '`apiVersion` names another format, perhaps of a newer promograph.',
    remedy: 'Upgrade promograph, or write `apiVersion: promograph/v1`.',
    severity: 'error',
    isFatal: true,
  },
  'invalid-value': {
    title: 'A setting has a value that it cannot have',
    cause: 'The value is outside what the schema allows; `promograph schema promograph` prints it.',
    remedy: 'Correct the value.',
    severity: 'error',
    isFatal: true,
  },
  'store-password': {
    title: 'The configuration holds a password',
    cause: '`limiter.store` has a password in its URL, where everybody who reads the tree finds it.',
    remedy: 'Take it out, change it, and set PROMOGRAPH_STORE_PASSWORD where promograph runs.',
    severity: 'error',
    isFatal: true,
  },
  'signing-identity-missing': {
    title: 'Signing is configured without a signer',
    cause: '`signing` names neither `identity` nor `key`. There is no default identity: nobody signs by accident.',
    remedy:
      'Set `signing.identity` (subject and issuer, as the certificate must say them) with `signing.token`, or set `signing.key`.',
    severity: 'error',
    isFatal: true,
  },
  'signing-conflict': {
    title: 'Settings about the signer contradict each other',
    cause: 'Two of them name different signers or sources of tokens, or one has no effect beside the others.',
    remedy: 'Keep one way to sign: identity with one source of tokens, or key.',
    severity: 'error',
    isFatal: true,
  },
  'signing-formats': {
    title: 'Attestations need signatures in the bundle format',
    cause: 'An image with a bundle that is no signature, and without one that is, fails `cosign verify` of version 3.',
    remedy: 'Write `formats: [legacy, bundle]`, leave `formats` out, or take the section `attest` out.',
    severity: 'error',
    isFatal: true,
  },
  'signer-incomplete': {
    title: 'An accepted signer is not named completely',
    cause: 'A signer is a subject with its issuer, or the file of a public key; not both, and not half.',
    remedy: 'Write `{ subject: ..., issuer: ... }` or `{ key: file.pem }`.',
    severity: 'error',
    isFatal: true,
  },
  'regexp-invalid': {
    title: 'A regular expression cannot be used',
    cause: 'It is not of the RE2 syntax, which has neither look-around nor back-references.',
    remedy: 'Rewrite it; it is matched against the whole name without `^` and `$`.',
    severity: 'error',
    isFatal: true,
  },
  'baseline-stale': {
    title: 'A baseline entry accepts nothing',
    cause: 'No finding of the tree has this code, file and value any more.',
    remedy: 'Delete the entry, or write the file anew with `promograph validate --write-baseline`.',
    severity: 'error',
    isFatal: false,
  },
  'baseline-refused': {
    title: 'A baseline entry accepts what cannot be accepted',
    cause: 'The finding makes its whole project unusable; accepting it would silently stop promoting the project.',
    remedy: 'Mend the file that the entry names and delete the entry.',
    severity: 'error',
    isFatal: false,
  },
  'baseline-unknown-code': {
    title: 'A baseline entry has an unknown code',
    cause: '`code` is no code of a finding.',
    remedy: 'Correct the code; `promograph explain` lists all.',
    severity: 'error',
    isFatal: false,
  },
} as const satisfies Record<string, FindingExplanation>;
