// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { errorMessage } from '@promograph/errors';
import type { ExpectedSigner } from '@promograph/signing';
import { readFileSync } from 'node:fs';

/** Where trust comes from: a file, or the TUF repository of sigstore's production or staging instance. */
export interface TrustArguments {
  readonly isStaging: boolean;
  readonly trustedRoot: string | null;
}

/** `sign-bundle`, all paths. */
export interface SignCommand extends TrustArguments {
  readonly name: 'sign-bundle';
  readonly identityToken: string;
  readonly bundle: string;
  readonly signingConfig: string | null;
  /** The artifact is an in-toto statement, to be signed as such. */
  readonly isStatement: boolean;
  readonly artifact: string;
}

/** `verify-bundle`; the artifact is a path or `sha256:…`. */
export interface VerifyCommand extends TrustArguments {
  readonly name: 'verify-bundle';
  readonly bundle: string;
  readonly signer: ExpectedSigner;
  readonly artifact: string;
}

/** Arguments that are no command. */
export interface UsageError {
  readonly name: 'usage';
  readonly message: string;
}

const common = {
  staging: { type: 'boolean' },
  bundle: { type: 'string' },
  'trusted-root': { type: 'string' },
} as const;
const signing = {
  ...common,
  'identity-token': { type: 'string' },
  'signing-config': { type: 'string' },
  'in-toto': { type: 'boolean' },
} as const;
const verifying = {
  ...common,
  'certificate-identity': { type: 'string' },
  'certificate-oidc-issuer': { type: 'string' },
  key: { type: 'string' },
} as const;

/** Reads the command line of the conformance protocol. */
export function readArguments(args: readonly string[]): SignCommand | VerifyCommand | UsageError {
  const [name, ...rest] = args;
  try {
    if (name === 'sign-bundle') return readSign(rest);
    if (name === 'verify-bundle') return readVerify(rest);
  } catch (error) {
    return usage(errorMessage(error));
  }
  return usage('the commands are sign-bundle and verify-bundle');
}

function readSign(args: readonly string[]): SignCommand | UsageError {
  const { values, positionals } = parseArgs({ args: [...args], options: signing, allowPositionals: true });
  const [artifact, ...others] = positionals;
  const { bundle, 'identity-token': identityToken } = values;
  if (artifact === undefined || others.length > 0 || bundle === undefined || identityToken === undefined)
    return usage('sign-bundle takes --identity-token, --bundle and one artifact');
  return {
    ...{ name: 'sign-bundle', identityToken, bundle, artifact },
    ...trustOf(values),
    signingConfig: values['signing-config'] ?? null,
    isStatement: values['in-toto'] ?? false,
  };
}

function readVerify(args: readonly string[]): VerifyCommand | UsageError {
  const { values, positionals } = parseArgs({ args: [...args], options: verifying, allowPositionals: true });
  const [artifact, ...others] = positionals;
  const { bundle, key, 'certificate-identity': subject, 'certificate-oidc-issuer': issuer } = values;
  if (artifact === undefined || others.length > 0 || bundle === undefined)
    return usage('verify-bundle takes --bundle and one artifact');
  const rest = { name: 'verify-bundle', bundle, artifact, ...trustOf(values) } as const;
  if (key !== undefined && subject === undefined && issuer === undefined)
    return { ...rest, signer: { kind: 'key', publicKeyPem: readFileSync(key, 'utf8') } };
  if (key === undefined && subject !== undefined && issuer !== undefined)
    return { ...rest, signer: { kind: 'identity', subject, issuer } };
  return usage('verify-bundle takes either --key, or --certificate-identity and --certificate-oidc-issuer');
}

function trustOf(values: { readonly staging?: boolean; readonly 'trusted-root'?: string }): TrustArguments {
  return { isStaging: values.staging ?? false, trustedRoot: values['trusted-root'] ?? null };
}

function usage(message: string): UsageError {
  return { name: 'usage', message };
}
