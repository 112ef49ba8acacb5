// SPDX-License-Identifier: Apache-2.0
import { Secret } from '@promograph/errors';
import { z } from 'zod';
import { SigningError } from '../signing-error.ts';

/** Who the token's claims say it is for. */
export interface IdentityToken {
  readonly secret: Secret;
  /** What Fulcio wants signed as proof that we hold the key: the e-mail address, or the subject where there is none. */
  readonly holder: string;
  readonly expiresAtMs: number;
}

/** What a token must be. */
export interface TokenExpectation {
  readonly audience: string;
  /** The configured signer; compared where it is an e-mail address. A certificate's names decide for all others. */
  readonly subject: string;
  readonly nowMs: number;
}

/** A token that dies sooner may be dead when it arrives. */
const LEAST_LIFE_MS = 60_000;
const MAX_TOKEN_CHARACTERS = 64 * 1024;
const EMAIL = /^[^\s@/:]+@[^\s@/]+$/;

const claimsSchema = z.object({
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  sub: z.string().min(1),
  email: z.string().min(1).optional(),
  email_verified: z.union([z.boolean(), z.string()]).optional(),
});

/**
 * Reads the claims of a JWT and checks audience, expiry and e-mail address; its signature is for Fulcio to check. Errors:
 * `SIGNING_TOKEN`, and `SIGNING_IDENTITY` when it belongs to somebody else.
 */
export function readIdentityToken(text: string, expected: TokenExpectation): IdentityToken {
  const token = text.trim();
  const claims = claimsOf(token);
  const audiences = [claims.aud].flat();
  if (!audiences.includes(expected.audience)) {
    const named = audiences.join(', ').slice(0, 200);
    throw new SigningError('SIGNING_TOKEN', `the identity token is for audience ${named}, not ${expected.audience}`);
  }
  const expiresAtMs = claims.exp * 1000;
  if (expiresAtMs < expected.nowMs + LEAST_LIFE_MS) {
    throw new SigningError('SIGNING_TOKEN', `the identity token expires at ${timeOf(expiresAtMs)}, too soon`, {
      hint: 'Get a fresh token, or name a source that can be asked again.',
    });
  }
  checkEmail(claims, expected.subject);
  return { secret: new Secret(token), holder: claims.email ?? claims.sub, expiresAtMs };
}

function checkEmail(claims: z.infer<typeof claimsSchema>, subject: string): void {
  if (claims.email !== undefined && String(claims.email_verified) !== 'true') {
    throw new SigningError(
      'SIGNING_TOKEN',
      `the e-mail address of the identity token is not verified: ${claims.email}`,
    );
  }
  if (!EMAIL.test(subject) || claims.email === subject) return;
  const actual = claims.email ?? 'a subject without an e-mail address';
  throw new SigningError(
    'SIGNING_IDENTITY',
    `the identity token is for ${actual}, the configured signer is ${subject}`,
  );
}

function claimsOf(token: string): z.infer<typeof claimsSchema> {
  const parts = token.split('.');
  const isShort = token.length <= MAX_TOKEN_CHARACTERS;
  if (isShort && parts.length === 3 && parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part))) {
    const claims = claimsSchema.safeParse(parseJson(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8')));
    if (claims.success) return claims.data;
  }
  // Nothing of it is quoted: what is no token may still be a secret.
  throw new SigningError('SIGNING_TOKEN', 'the identity token is not a JWT with audience, subject and expiry');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function timeOf(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'no known time' : date.toISOString();
}
