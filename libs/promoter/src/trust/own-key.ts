// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorMessage, Secret } from '@promograph/errors';
import { publicKeyHint, readSigningKey, SigningError, type SigningKey } from '@promograph/signing';

/** Where the key of a tree is. */
export interface OwnKeyOptions {
  /** Paths are relative to it. */
  readonly configDir: string;
  /** The password is `COSIGN_PASSWORD`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly key: string;
  /** Null derives the public part from `key`. */
  readonly publicKey: string | null;
}

/** The key that a tree signs with. Verifying touches the private part only where no public key is named. Error: `SIGNING_KEY`. */
export class OwnKey {
  readonly #options: OwnKeyOptions;
  #private: Promise<SigningKey> | null = null;

  constructor(options: OwnKeyOptions) {
    this.#options = options;
  }

  /** What verifies the signatures: SubjectPublicKeyInfo, PEM. */
  async publicPem(): Promise<string> {
    const { publicKey } = this.#options;
    return publicKey === null ? (await this.#privateKey()).verifierPem : this.#readPublic(publicKey).pem;
  }

  /** What signs; refused where it does not belong to the public key that is named, for its signatures would not be ours. */
  async signingKey(): Promise<SigningKey> {
    const { key, publicKey } = this.#options;
    const signingKey = await this.#privateKey();
    if (publicKey === null || this.#readPublic(publicKey).hint === signingKey.verifier.hint) return signingKey;
    throw new SigningError('SIGNING_KEY', `signing.publicKey ${publicKey} is not the public key of ${key}`, {
      hint: 'Name the public key of the private key that signs; an older one goes to signing.previousIdentities.',
    });
  }

  #privateKey(): Promise<SigningKey> {
    this.#private ??= this.#readPrivate();
    return this.#private;
  }

  async #readPrivate(): Promise<SigningKey> {
    const { key, publicKey, env } = this.#options;
    const hint =
      publicKey === null
        ? 'To verify without it, name its public key in signing.publicKey; signing needs it.'
        : 'signing.publicKey is enough to verify; signing needs the private key.';
    const pem = this.#textOf(key, { what: 'the signing key', hint });
    const password = env['COSIGN_PASSWORD'];
    return readSigningKey(pem, password === undefined ? null : new Secret(password));
  }

  #readPublic(path: string): { readonly pem: string; readonly hint: string } {
    const hint = 'signing.publicKey is a PEM file that begins with -----BEGIN PUBLIC KEY-----.';
    const pem = this.#textOf(path, { what: 'signing.publicKey', hint });
    // What reads public keys would take them from a private one, which nobody who only verifies should be given.
    if (pem.includes('PRIVATE KEY-----')) {
      throw new SigningError('SIGNING_KEY', `signing.publicKey ${path} holds a private key`, { hint });
    }
    try {
      return { pem, hint: publicKeyHint(pem) };
    } catch (cause) {
      throw new SigningError('SIGNING_KEY', `signing.publicKey ${path} is no public key in PEM form`, { hint, cause });
    }
  }

  #textOf(path: string, { what, hint }: { readonly what: string; readonly hint: string }): string {
    const file = resolve(this.#options.configDir, path);
    try {
      return readFileSync(file, 'utf8');
    } catch (cause) {
      throw new SigningError('SIGNING_KEY', `cannot read ${what} ${file}: ${errorMessage(cause)}`, { hint, cause });
    }
  }
}
