// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Descriptor,
  type Digest,
  digestOf,
  type ManifestDocument,
  MEDIA_TYPES,
  OciError,
  parseManifestDocument,
  printRepository,
  type Repository,
} from '@promograph/oci';
import { type CallOptions, putBlob, referrersTag, type RegistryClient } from '@promograph/registry';
import type { BundleReferrer } from '../evidence.ts';
import type { NewBundle, WriteOutcome } from '../signature-store.ts';
import { SigningError } from '../signing-error.ts';
import { bundleManifest, carryRefusal, EMPTY_CONFIG } from './bundle-manifest.ts';
import { withReferrer } from './referrers-index.ts';
import { layersOf } from './signature-manifest.ts';
import { rewriteTag } from './tag-rewrite.ts';

/** Looks at the list of referrers after a write, for registries that take a moment to show it. */
const LISTING_LOOKS = 3;
const LISTING_DELAY_MS = 200;

/** Where a bundle is attached. */
export interface BundleTarget {
  readonly repository: Repository;
  readonly options: CallOptions;
}

/** Writes referrers, one subject at a time: the caller holds the lease. */
export class BundleWriter {
  readonly #client: RegistryClient;
  readonly #now: () => Date;
  /** Repositories where the empty config is known to be. */
  readonly #prepared = new Set<string>();

  constructor(client: RegistryClient, now: () => Date) {
    this.#client = client;
    this.#now = now;
  }

  /** See `SignatureStore.attachBundle`. */
  async attach(target: BundleTarget, subject: Descriptor, bundle: NewBundle): Promise<WriteOutcome> {
    const put = await this.#put(target, bundle.bytes);
    // Only bytes that were here before can be attached already; the manifest's date makes its digest new each time.
    const attached = put === 'present' ? await this.#attached(target, subject.digest, digestOf(bundle.bytes)) : null;
    if (attached !== null) return { status: 'present', digest: attached };
    await this.#prepare(target);
    return this.#publish(target, bundleManifest(subject, bundle, this.#now()), subject.digest);
  }

  /** See `SignatureStore.carryBundle`. */
  async carry(target: BundleTarget, subject: Digest, referrer: BundleReferrer): Promise<WriteOutcome> {
    const { repository, options } = target;
    const refusal = carryRefusal(referrer, subject, null);
    if (refusal !== null) {
      throw new SigningError('SIGNING_STORE', `the referrer ${referrer.manifest} of ${subject}: ${refusal}`);
    }
    const listed = await this.#client.listReferrers(repository, subject, options);
    if (listed.some(({ digest }) => digest === referrer.manifest)) {
      return { status: 'present', digest: referrer.manifest };
    }
    await this.#put(target, referrer.bytes);
    await this.#prepare(target);
    return this.#publish(target, parseManifestDocument(referrer.manifestBytes, MEDIA_TYPES.ociManifest), subject);
  }

  async #publish(target: BundleTarget, referrer: ManifestDocument, subject: Digest): Promise<WriteOutcome> {
    const { repository, options } = target;
    const put = await this.#client.putManifest(repository, referrer.digest, referrer, options);
    // Without the header the registry knows nothing of referrers, and readers look at the fallback tag.
    if (put.subject !== subject) await this.#index(target, referrer, subject);
    else await this.#requireListed(target, referrer.digest, subject);
    return { status: 'written', digest: referrer.digest };
  }

  /** "Created" is what the registry says; that readers find it is what counts. */
  async #requireListed({ repository, options }: BundleTarget, referrer: Digest, subject: Digest): Promise<void> {
    for (let look = 1; look <= LISTING_LOOKS; look += 1) {
      const listed = await this.#client.listReferrers(repository, subject, options);
      if (listed.some(({ digest }) => digest === referrer)) return;
      if (look < LISTING_LOOKS)
        await delay(LISTING_DELAY_MS * look, undefined, options.signal && { signal: options.signal });
    }
    const name = `${printRepository(repository)}@${subject}`;
    throw new SigningError('SIGNING_STORE', `a bundle was accepted for ${name} and is not listed there`, {
      retryable: true,
      hint: 'Run again; if it stays so, the registry loses referrers: ask whoever runs it.',
    });
  }

  async #index({ repository, options }: BundleTarget, referrer: ManifestDocument, subject: Digest): Promise<void> {
    const tag = referrersTag(subject);
    const merge = async (current: ManifestDocument | null): Promise<ManifestDocument | null> => {
      if (current !== null && current.mediaType !== MEDIA_TYPES.ociIndex) {
        throw new SigningError('SIGNING_STORE', `${printRepository(repository)}:${tag} is no index of referrers`);
      }
      const isThere = current?.children.some(({ digest }) => digest === referrer.digest) ?? false;
      return isThere ? null : withReferrer(current, referrer);
    };
    const immutableHint = 'With immutable tags only a registry that has the referrers API can hold bundles.';
    await rewriteTag(this.#client, { repository, tag, what: 'referrers', merge, immutableHint }, options);
  }

  /** The listed referrer that holds exactly these bytes. */
  async #attached({ repository, options }: BundleTarget, subject: Digest, layer: Digest): Promise<Digest | null> {
    for (const { digest } of await this.#client.listReferrers(repository, subject, options)) {
      const document = await this.#client.getManifest(repository, digest, options).catch((error: unknown) => {
        if (error instanceof OciError) return null;
        throw error;
      });
      const isOurs = document?.subject?.digest === subject && layersOf(document).length === 1;
      if (isOurs && layersOf(document)[0]?.digest === layer) return digest;
    }
    return null;
  }

  async #prepare(target: BundleTarget): Promise<void> {
    const name = printRepository(target.repository);
    if (this.#prepared.has(name)) return;
    await this.#put(target, EMPTY_CONFIG);
    this.#prepared.add(name);
  }

  async #put({ repository, options }: BundleTarget, bytes: Buffer): Promise<'written' | 'present'> {
    return (await putBlob(this.#client, { repository, bytes }, options)).status;
  }
}
