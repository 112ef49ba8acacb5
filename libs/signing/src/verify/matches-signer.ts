// SPDX-License-Identifier: Apache-2.0
import { RE2JS } from 're2js';
import type { ExpectedSigner, NamePattern, SignerPrincipal } from '../expected-signer.ts';
import { SigningError } from '../signing-error.ts';
import type { VerdictCode } from '../verdict.ts';
import { publicKeyHint } from './trusted-key.ts';

const patterns = new Map<string, RE2JS>();
const hints = new Map<string, string>();

/**
 * Whether a signer is the expected one: subject and issuer both, each the exact string or a regular expression (RE2)
 * that matches the whole name. Throws `SIGNING_CONFIG` for a malformed expression, `SIGNING_KEY` for a malformed key.
 */
export function matchesSigner(principal: SignerPrincipal | null, expected: ExpectedSigner): boolean {
  return signerMismatch(principal, expected) === null;
}

/** Null where the signer is the expected one; else what differs. */
export function signerMismatch(
  principal: SignerPrincipal | null,
  expected: ExpectedSigner,
): Extract<VerdictCode, 'SIG_IDENTITY' | 'SIG_ISSUER' | 'SIG_KEY'> | null {
  if (expected.kind === 'key')
    return principal?.kind === 'key' && principal.hint === hintOf(expected.publicKeyPem) ? null : 'SIG_KEY';
  if (principal?.kind !== 'certificate' || !matchesName(principal.subject, expected.subject)) return 'SIG_IDENTITY';
  return matchesName(principal.issuer, expected.issuer) ? null : 'SIG_ISSUER';
}

function matchesName(name: string, pattern: NamePattern): boolean {
  return typeof pattern === 'string' ? name === pattern : compile(pattern.regexp).matches(name);
}

function compile(regexp: string): RE2JS {
  const known = patterns.get(regexp);
  if (known !== undefined) return known;
  try {
    const compiled = RE2JS.compile(regexp);
    patterns.set(regexp, compiled);
    return compiled;
  } catch (error) {
    throw new SigningError('SIGNING_CONFIG', `"${regexp}" is no regular expression of RE2.`, { cause: error });
  }
}

function hintOf(pem: string): string {
  const known = hints.get(pem) ?? publicKeyHint(pem);
  hints.set(pem, known);
  return known;
}
