// SPDX-License-Identifier: Apache-2.0
import { join, resolve } from 'node:path';
import type { IdentitySetting, PromographConfig, SigningSettings } from '@promograph/manifest';
import {
  createExaminer,
  createImageSigner,
  createServiceClient,
  createSignatureStore,
  createTokenSource,
  type Examiner,
  type ExpectedSigner,
  type ImageSigner,
  loadTrust,
  selectServices,
  type ServiceClient,
  type Signatory,
  type SignatureStore,
  type TokenOrigin,
  type Trust,
} from '@promograph/signing';
import type { Ports } from '../open-ports.ts';
import { PromoterError } from '../promoter-error.ts';
import { signingNotConfigured } from '../signing-not-configured.ts';
import { stateHome } from '../state-home.ts';
import type { PromoterEvent } from '../promoter-event.ts';
import { expectedIdentity, expectedSigners, keysOf } from './expected-signers.ts';
import { OwnKey } from './own-key.ts';

/** What the services are made from. */
export interface TrustServiceOptions {
  readonly config: PromographConfig;
  /** Paths of the configuration are relative to it. */
  readonly configDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  readonly ports: Ports;
  readonly onEvent: (event: PromoterEvent) => void;
}

/** Everything that signs, verifies and keeps signatures, for one session. Opened as far as it is used. */
export class TrustServices {
  readonly store: SignatureStore;
  readonly #options: TrustServiceOptions;
  readonly #client: ServiceClient;
  readonly #trust: Trust;
  #examiner: Promise<Examiner> | null = null;
  readonly #key: OwnKey | null;
  readonly #signers = new Map<string, Promise<ImageSigner>>();

  constructor(options: TrustServiceOptions) {
    const { ports, config, configDir } = options;
    const { signing } = config;
    this.#options = options;
    this.#key =
      signing?.key == null ? null : new OwnKey({ ...options, key: signing.key, publicKey: signing.publicKey });
    this.store = createSignatureStore({ client: ports.client, leases: ports.leases });
    this.#client = createServiceClient({
      limiter: ports.limiter,
      proxies: ports.proxies,
      onEvent: (event) => options.onEvent(event),
    });
    const inConfigDir = (path: string): string => resolve(configDir, path);
    this.#trust = loadTrust({
      trustedRoots: (signing?.trustedRoots ?? []).map(inConfigDir),
      ...(signing?.config != null && { signingConfig: inConfigDir(signing.config) }),
      tuf: {
        ...(signing?.tuf && { mirror: signing.tuf.mirror, rootPath: inConfigDir(signing.tuf.root) }),
        cacheDir: join(stateHome(options), 'tuf'),
        client: this.#client,
      },
    });
  }

  /** Knows the trusted roots and every key that the configuration names. */
  examiner(): Promise<Examiner> {
    this.#examiner ??= this.#openExaminer();
    return this.#examiner;
  }

  /** Whose signatures are ours: the signer of today first. */
  async ownSigners(): Promise<readonly ExpectedSigner[]> {
    const signing = this.#signing();
    const key = this.#key;
    const own: ExpectedSigner[] = key === null ? [] : [{ kind: 'key', publicKeyPem: await key.publicPem() }];
    if (signing.identity !== null) own.push(expectedIdentity(signing.identity));
    return [...own, ...expectedSigners(signing.previousIdentities, this.#options.configDir)];
  }

  /** The signer of images, opened once. */
  signer(): Promise<ImageSigner> {
    const { identity, account } = this.#signing();
    return this.#signerAs(identity, account);
  }

  /** The signer of summaries: another identity where one is configured, else that of images; null where none are written. */
  async summarySigner(): Promise<ImageSigner | null> {
    const { attest } = this.#options.config;
    if (attest.summaries === 'off') return null;
    return attest.identity === null ? this.signer() : this.#signerAs(attest.identity, attest.account);
  }

  /** Whose summaries are ours. */
  async summarySigners(): Promise<readonly ExpectedSigner[]> {
    const { identity } = this.#options.config.attest;
    return identity === null ? this.ownSigners() : [expectedIdentity(identity)];
  }

  /** Signers of the source whose signatures count. */
  stagingSigners(): readonly ExpectedSigner[] {
    return expectedSigners(this.#options.config.staging.identities, this.#options.configDir);
  }

  /** Who may attest to scans. */
  scanSigners(): readonly ExpectedSigner[] {
    return expectedSigners(this.#options.config.scan?.identities ?? [], this.#options.configDir);
  }

  /** The client for services that are no registries. */
  get client(): ServiceClient {
    return this.#client;
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled([...this.#signers.values()]);
    for (const one of opened) if (one.status === 'fulfilled') await one.value.close();
    await this.#client.close();
  }

  #signing(): SigningSettings {
    const { signing } = this.#options.config;
    if (signing !== null) return signing;
    throw signingNotConfigured();
  }

  async #openExaminer(): Promise<Examiner> {
    const { signing } = this.#options.config;
    const own = signing === null ? [] : await this.ownSigners();
    const known = [...own, ...this.stagingSigners(), ...this.scanSigners()];
    // A tree of keys alone needs no certificate authority: then nothing is fetched for one.
    const isKeyOnly = known.length > 0 && known.every(({ kind }) => kind === 'key');
    const namesServices = signing !== null && (signing.trustedRoots.length > 0 || signing.config !== null);
    const trustedRoots = isKeyOnly && !namesServices ? [] : await this.#trust.trustedRoots();
    return createExaminer({ trustedRoots, keys: keysOf(known) });
  }

  #signerAs(identity: IdentitySetting | null, account: string | null): Promise<ImageSigner> {
    const name = identity === null ? 'key' : `${identity.subject} ${identity.issuer}`;
    const known = this.#signers.get(name);
    if (known !== undefined) return known;
    const opening = this.#openSigner(identity, account);
    this.#signers.set(name, opening);
    return opening;
  }

  async #openSigner(identity: IdentitySetting | null, account: string | null): Promise<ImageSigner> {
    // First: a key that cannot sign is told without asking anybody outside.
    const signatory = await this.#signatory(identity, account);
    const services = selectServices(await this.#trust.signingConfig(), Date.now());
    return createImageSigner({
      signatory,
      services,
      client: this.#client,
      examiner: await this.examiner(),
      maxInFlight: this.#signing().concurrency,
    });
  }

  async #signatory(identity: IdentitySetting | null, account: string | null): Promise<Signatory> {
    if (identity === null && this.#key !== null) return { kind: 'key', key: await this.#key.signingKey() };
    if (identity === null)
      throw new PromoterError('PROMOTER_INVALID_INPUT', 'neither signing.identity nor signing.key is set');
    const { env } = this.#options;
    const tokens = createTokenSource(this.#tokenOrigin(account), {
      client: this.#client,
      subject: identity.subject,
      env,
      accessToken: this.#options.ports.googleToken,
    });
    return { kind: 'keyless', identity, tokens };
  }

  #tokenOrigin(account: string | null): TokenOrigin {
    const { token, tokenFile } = this.#signing();
    switch (token) {
      case 'impersonate':
        return { kind: 'impersonate', account: account ?? '' };
      case 'file':
        return { kind: 'file', ...(tokenFile !== null && { path: resolve(this.#options.configDir, tokenFile) }) };
      case 'github':
      case 'env':
      case 'metadata':
        return { kind: token };
      case null:
        throw new PromoterError(
          'PROMOTER_INVALID_INPUT',
          'signing.token does not say where identity tokens come from',
          {
            hint: 'Set it to github, env, file, metadata or impersonate.',
          },
        );
    }
  }
}
