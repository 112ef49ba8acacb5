// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import type { SharedCache, TagLeaseStore } from '@promograph/limiter';
import type { Credential } from './credential.ts';
import type { TokenQuestion } from './token-service.ts';

/** Where the tokens of several processes are kept, and what keeps two of them from asking for one at the same time. */
export interface TokenSharing {
  readonly cache: SharedCache;
  readonly leases: TagLeaseStore;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly epochMs?: () => number;
}

/** A token, and for how long it shall still be used. */
export interface SharedToken {
  readonly token: string;
  readonly useForMs: number;
}

/** Which token is wanted. */
export interface SharedTokenRequest {
  readonly host: string;
  readonly question: TokenQuestion;
  /** Whether the registry has refused this very token. */
  readonly isRefused: (token: string) => boolean;
}

const derive = promisify(scrypt) as (secret: string, salt: string, bytes: number) => Promise<Buffer>;
const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

interface SealingKey {
  readonly key: Buffer;
  /** Tells credentials apart without telling them. */
  readonly fingerprint: string;
}

/**
 * Tokens by host, realm, scopes and credential, shared by all who use one store. They are sealed with a key that only the
 * credential gives: whoever cannot ask for a token cannot read it here. A store that fails costs a request and no more.
 */
export class SharedTokens {
  readonly #sharing: TokenSharing;
  readonly #epochMs: () => number;
  readonly #keys = new Map<string, Promise<SealingKey>>();

  constructor(sharing: TokenSharing) {
    this.#sharing = sharing;
    this.#epochMs = sharing.epochMs ?? Date.now;
  }

  /** The shared token, or what `fetch` brings: one process asks, the others wait for it. */
  async obtain(request: SharedTokenRequest, fetch: () => Promise<SharedToken>): Promise<SharedToken> {
    const sealing = await this.#keyFor(request);
    const name = nameOf(request, sealing.fingerprint);
    const shared = await this.#read(name, sealing, request);
    if (shared !== null) return shared;
    const lease = await this.#sharing.leases.acquire(`token ${name}`, '').catch(() => null);
    try {
      const meanwhile = await this.#read(name, sealing, request);
      if (meanwhile !== null) return meanwhile;
      const fresh = await fetch();
      await this.#write(name, sealing, fresh);
      return fresh;
    } finally {
      await lease?.[Symbol.asyncDispose]();
    }
  }

  async #read(name: string, sealing: SealingKey, { isRefused }: SharedTokenRequest): Promise<SharedToken | null> {
    const sealed = await this.#sharing.cache.read(name).catch(() => null);
    const opened = sealed === null ? null : open(sealed, name, sealing.key);
    if (opened === null) return null;
    const useForMs = opened.useUntil - this.#epochMs();
    if (useForMs > 0 && !isRefused(opened.token)) return { token: opened.token, useForMs };
    await this.#sharing.cache.drop(name).catch(() => undefined);
    return null;
  }

  async #write(name: string, sealing: SealingKey, { token, useForMs }: SharedToken): Promise<void> {
    const value = seal(JSON.stringify([token, this.#epochMs() + useForMs]), name, sealing.key);
    await this.#sharing.cache.write(name, value, useForMs).catch(() => undefined);
  }

  /** Made slowly on purpose: a stolen store must not tell passwords by trial. Once per credential and process. */
  #keyFor({ host, question: { credential } }: SharedTokenRequest): Promise<SealingKey> {
    const secret = secretOf(credential);
    const digest = createHash('sha256').update(`${host}\n${secret}`).digest('hex');
    const known = this.#keys.get(digest);
    if (known) return known;
    const fresh = derive(secret, `promograph ${host}`, 48).then((bytes) => ({
      key: bytes.subarray(0, 32),
      fingerprint: bytes.subarray(32).toString('hex'),
    }));
    this.#keys.set(digest, fresh);
    return fresh;
  }
}

function secretOf(credential: Credential | null): string {
  if (credential === null) return 'anonymous';
  if (credential.kind === 'basic') return `basic ${credential.username}\n${credential.password.reveal()}`;
  return `${credential.kind} ${credential.token.reveal()}`;
}

function nameOf({ host, question }: SharedTokenRequest, fingerprint: string): string {
  const parts = [host, question.realm.url.href, question.service, question.scopes, fingerprint];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function seal(text: string, name: string, key: Buffer): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(Buffer.from(name));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
}

/** Null for what was not sealed by us: somebody else wrote it, or it is broken. */
function open(sealed: string, name: string, key: Buffer): { token: string; useUntil: number } | null {
  try {
    const bytes = Buffer.from(sealed, 'base64');
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    const [token, useUntil] = JSON.parse(text.toString('utf8')) as [string, number];
    return { token, useUntil };
  } catch {
    return null;
  }
}
