// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { type AuthFile, helperKey, lookupKeys, readAuthFile } from './auth-file.ts';
import { askHelper } from './credential-helper.ts';
import type { Credential, CredentialSource, FoundCredential } from './credential.ts';
import { googleCredential, type GoogleTokenSource, isGoogleRegistry } from './google-credentials.ts';
import { RegistryError } from './registry-error.ts';

/** Where to look for logins. */
export interface CredentialSourceOptions {
  /** The environment as the caller read it: names the files, and is what helpers may see of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory. */
  readonly home: string;
  /** Google's application default credentials. */
  readonly googleToken: GoogleTokenSource;
}

/**
 * Logins as docker, podman and Google's tools keep them. Order: the file that REGISTRY_AUTH_FILE names, docker's config.json,
 * podman's auth.json, Google's application default credentials for Google's hosts. Within a file: a helper for the host, the
 * common helper, the written login. What is found is kept until the caller says that it was refused.
 */
export function createCredentialSource(options: CredentialSourceOptions): CredentialSource {
  return new FileCredentials(options);
}

class FileCredentials implements CredentialSource {
  readonly #options: CredentialSourceOptions;
  readonly #googleToken: GoogleTokenSource;
  #files: Promise<readonly AuthFile[]> | null = null;
  /** Answers of helpers, by helper and server; also what makes two questions at once one. */
  readonly #helpers = new Map<string, Promise<Credential | null>>();

  constructor(options: CredentialSourceOptions) {
    this.#options = options;
    this.#googleToken = options.googleToken;
  }

  async find(host: string, path: string, isRefused = false): Promise<FoundCredential | null> {
    if (isRefused) this.#forget(host);
    this.#files ??= readFiles(this.#options).catch((error: unknown) => {
      this.#files = null;
      throw error;
    });
    for (const file of await this.#files) {
      const found = await this.#inFile(file, host, path);
      if (found) return found;
    }
    if (!isGoogleRegistry(host)) return null;
    const credential = await googleCredential(this.#googleToken);
    return credential && { credential, source: 'Google application default credentials' };
  }

  async #inFile(file: AuthFile, host: string, path: string): Promise<FoundCredential | null> {
    const keys = lookupKeys(host, path);
    const named = keys.map((key) => file.credHelpers.get(key)).find((helper) => helper !== undefined);
    const helper = named ?? file.credsStore;
    if (helper !== null) {
      const credential = await this.#ask(helper, helperKey(host));
      if (credential) return { credential, source: `docker-credential-${helper} (${file.path})` };
    }
    for (const key of keys) {
      const credential = file.auths.get(key);
      if (credential) return { credential, source: file.path };
    }
    return null;
  }

  #ask(name: string, server: string): Promise<Credential | null> {
    const key = `${name} ${server}`;
    const known = this.#helpers.get(key);
    if (known) return known;
    const answer = askHelper({ name, server, env: this.#options.env });
    this.#helpers.set(key, answer);
    // A failure is not kept: the next call may find the agent unlocked.
    answer.catch(() => this.#helpers.delete(key));
    return answer;
  }

  #forget(host: string): void {
    this.#files = null;
    const server = helperKey(host);
    for (const key of [...this.#helpers.keys()]) if (key.endsWith(` ${server}`)) this.#helpers.delete(key);
  }
}

async function readFiles(options: CredentialSourceOptions): Promise<readonly AuthFile[]> {
  const { env, home } = options;
  const explicit = env['REGISTRY_AUTH_FILE'] ?? '';
  const files: (AuthFile | null)[] = [];
  if (explicit !== '') {
    const file = await readAuthFile(explicit);
    if (file === null) {
      throw new RegistryError('REGISTRY_CREDENTIALS', `the login file ${explicit} is not there`, {
        hint: 'Mend or unset REGISTRY_AUTH_FILE.',
      });
    }
    files.push(file);
  }
  const runtime = env['XDG_RUNTIME_DIR'] ?? '';
  const paths = [
    join(env['DOCKER_CONFIG'] || join(home, '.docker'), 'config.json'),
    ...(runtime === '' ? [] : [join(runtime, 'containers', 'auth.json')]),
    join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'containers', 'auth.json'),
  ];
  for (const path of paths) files.push(await readAuthFile(path));
  return files.filter((file) => file !== null);
}
