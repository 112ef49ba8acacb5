// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { Secret } from '@promograph/errors';
import type { Credential } from './credential.ts';
import { RegistryError } from './registry-error.ts';

/** A login file of docker (`config.json`) or podman (`auth.json`), as far as it concerns credentials. */
export interface AuthFile {
  readonly path: string;
  /** By host or `host/namespace`, as `authKey` writes them. */
  readonly auths: ReadonlyMap<string, Credential>;
  /** Helper name by host. */
  readonly credHelpers: ReadonlyMap<string, string>;
  readonly credsStore: string | null;
}

const MAX_FILE_BYTES = 1024 * 1024;
/** What docker writes for its own hub. */
const HUB_KEY = 'https://index.docker.io/v1/';
const HUB_HOSTS: readonly string[] = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

/** Whether `host` is Docker Hub under one of its names. */
function isDockerHub(host: string): boolean {
  return HUB_HOSTS.includes(host);
}

/** The name under which helpers know a host. */
export function helperKey(host: string): string {
  return isDockerHub(host) ? HUB_KEY : host;
}

/** Keys that may hold the login for a repository: the longest path first (podman), then the host. */
export function lookupKeys(host: string, path: string): readonly string[] {
  const parts = path === '' ? [] : path.split('/');
  const names = isDockerHub(host) ? HUB_HOSTS : [host];
  const below = parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
  return [...below.flatMap((prefix) => names.map((name) => `${name}/${prefix}`)), ...names];
}

/** A key of `auths` without scheme and API version: `https://index.docker.io/v1/` is `index.docker.io`. */
function authKey(key: string): string {
  return key
    .replace(/^https?:\/\//, '')
    .replace(/\/(?:v1|v2)\/?$/, '')
    .replace(/\/+$/, '')
    .toLowerCase();
}

/** Reads a file; null when there is none. Error: `REGISTRY_CREDENTIALS` when it is there and cannot be used. */
export async function readAuthFile(path: string): Promise<AuthFile | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) return null;
    throw unusable(path, 'cannot be read', cause);
  }
  if (text.length > MAX_FILE_BYTES) throw unusable(path, `is larger than ${MAX_FILE_BYTES} bytes`);
  return parseAuthFile(text, path);
}

/** The same from text. No message quotes the file: it is made of secrets. */
export function parseAuthFile(text: string, path: string): AuthFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw unusable(path, 'is not JSON');
  }
  if (!isRecord(json)) throw unusable(path, 'is not a JSON object');
  const auths = new Map<string, Credential>();
  for (const [key, entry] of entriesOf(json['auths'])) {
    const credential = isRecord(entry) ? credentialOf(entry) : null;
    if (credential) auths.set(authKey(key), credential);
  }
  const credHelpers = new Map<string, string>();
  for (const [key, name] of entriesOf(json['credHelpers'])) {
    if (typeof name === 'string' && name !== '') credHelpers.set(authKey(key), name);
  }
  const store = json['credsStore'];
  return { path, auths, credHelpers, credsStore: typeof store === 'string' && store !== '' ? store : null };
}

/** A user name and secret as docker and its helpers write them: the user `<token>` marks a refresh token. */
export function passwordOrToken(username: string, secret: string): Credential {
  return username === '<token>'
    ? { kind: 'identity', token: new Secret(secret) }
    : { kind: 'basic', username, password: new Secret(secret) };
}

function credentialOf(entry: Record<string, unknown>): Credential | null {
  const { identitytoken, registrytoken, auth, username, password } = entry as Record<string, unknown> & {
    identitytoken?: unknown;
    registrytoken?: unknown;
    auth?: unknown;
    username?: unknown;
    password?: unknown;
  };
  if (typeof identitytoken === 'string' && identitytoken !== '') {
    return { kind: 'identity', token: new Secret(identitytoken) };
  }
  if (typeof registrytoken === 'string' && registrytoken !== '') {
    return { kind: 'bearer', token: new Secret(registrytoken) };
  }
  if (typeof auth === 'string' && auth !== '') return decodeAuth(auth);
  if (typeof username === 'string' && username !== '' && typeof password === 'string') {
    return passwordOrToken(username, password);
  }
  return null;
}

/** `auth` is base64 of `user:password`; the password may hold colons. */
function decodeAuth(auth: string): Credential | null {
  const text = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = text.indexOf(':');
  return colon < 0 ? null : passwordOrToken(text.slice(0, colon), text.slice(colon + 1));
}

function unusable(path: string, why: string, cause?: unknown): RegistryError {
  return new RegistryError('REGISTRY_CREDENTIALS', `the login file ${path} ${why}`, {
    ...(cause === undefined ? {} : { cause }),
    hint: 'Mend the file, or name another one.',
  });
}

function entriesOf(value: unknown): [string, unknown][] {
  return isRecord(value) ? Object.entries(value) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
