// SPDX-License-Identifier: Apache-2.0
import { type KeyObject, sign, verify } from 'node:crypto';

/** The claims inside an identity token. */
export type TokenClaims = Readonly<Record<string, unknown>>;

/** A JWT signed with RS256, the one algorithm that Fulcio and cosign expect. */
export function signToken(claims: TokenClaims, key: { readonly id: string; readonly privateKey: KeyObject }): string {
  const signed = `${encode({ alg: 'RS256', kid: key.id, typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), key.privateKey).toString('base64url')}`;
}

/** The claims of a token whose RS256 signature is by the key; null otherwise. Times and audience are not looked at. */
export function openToken(token: string, publicKey: KeyObject): TokenClaims | null {
  const [header, body, signature, ...more] = token.split('.');
  if (header === undefined || body === undefined || signature === undefined || more.length > 0) return null;
  if (decode(header)?.['alg'] !== 'RS256') return null;
  const isGenuine = verify('sha256', Buffer.from(`${header}.${body}`), publicKey, Buffer.from(signature, 'base64url'));
  return isGenuine ? decode(body) : null;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): TokenClaims | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as TokenClaims) : null;
  } catch {
    return null;
  }
}
