// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, type ManifestDocument, type Repository, printRepository } from '@promograph/oci';
import pLimit from 'p-limit';
import type { BlobTarget } from './blob-placement.ts';
import { closureSteps } from './closure-blobs.ts';
import type { Closure, DestinationCopy } from './copy-engine.ts';
import type { BlobPlacement } from './copy-event.ts';
import type { CopySettings } from './copy-options.ts';
import { retryClass } from './copy-retry.ts';
import { settleAll } from './copy-settle.ts';
import type { CallOptions } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';

/** What one destination of a copy is made of. */
export interface CopyDestinationOptions {
  readonly settings: CopySettings;
  readonly repository: Repository;
  readonly closure: Closure;
  readonly signal: AbortSignal | undefined;
  /** See `CopyRequest.isAbsent`. */
  readonly isAbsent: boolean;
  /** See `CopyRequest.beforeRoot`. */
  readonly beforeRoot: (() => Promise<void>) | undefined;
  /** Brings a blob that the registry said it had, and then said it had not. */
  readonly bringAgain: (blob: Descriptor, target: BlobTarget) => Promise<BlobPlacement>;
}

/** A blob that is on its way to the destination. */
export interface PendingBlob {
  readonly blob: Descriptor;
  readonly placed: Promise<BlobPlacement>;
}

const MANIFESTS_AT_ONCE = 8;
/** Looks at a manifest just written, for registries that take a moment to show it. */
const VERIFYING_LOOKS = 3;

/** Answers by which a registry says that something below a manifest is missing, whatever it said before. */
const MISSING_BELOW = ['MANIFEST_BLOB_UNKNOWN', 'BLOB_UNKNOWN'];

/** Brings one closure to one repository: blobs, then children, then the requested document. Its failure is its own. */
export class CopyDestination {
  readonly target: BlobTarget;
  readonly #options: CopyDestinationOptions;
  readonly #aborter = new AbortController();
  readonly #placements: { readonly blob: Descriptor; readonly placement: BlobPlacement }[] = [];
  #writtenManifests = 0;

  constructor(options: CopyDestinationOptions) {
    this.#options = options;
    const { closure, repository, settings, signal: outer } = options;
    const signal = AbortSignal.any([this.#aborter.signal, settings.closed, ...(outer ? [outer] : [])]);
    const { client } = settings;
    const isRootPresent = options.isAbsent
      ? Promise.resolve(false)
      : client
          .headManifest(repository, closure.root.digest, { signal, priority: 'manifest' })
          .then((found) => found !== null);
    // Each use of it is awaited; where there is none yet, nobody must be called unhandled.
    isRootPresent.catch(() => undefined);
    this.target = { repository, signal, isRootPresent };
  }

  /** Waits for the blobs, then writes the manifests. Never rejects. */
  async finish(pending: readonly PendingBlob[]): Promise<DestinationCopy> {
    try {
      await settleAll(pending.map((blob) => this.#settle(blob)));
      try {
        await this.#putManifests();
      } catch (error) {
        if (!isMissingBelow(error)) throw error;
        await this.#bringBlobsAgain(pending);
        await this.#putManifests();
      }
      return this.#outcome(null);
    } catch (error) {
      return this.#outcome({ error: this.#cancellation() ?? error });
    }
  }

  /** The first blob that fails ends the others of this destination. */
  async #settle({ blob, placed }: PendingBlob): Promise<void> {
    try {
      this.#placements.push({ blob, placement: await placed });
    } catch (error) {
      this.#aborter.abort(error);
      throw error;
    }
  }

  async #bringBlobsAgain(pending: readonly PendingBlob[]): Promise<void> {
    const { bringAgain } = this.#options;
    this.#placements.length = 0;
    await settleAll(pending.map(({ blob }) => this.#settle({ blob, placed: bringAgain(blob, this.target) })));
  }

  async #putManifests(): Promise<void> {
    const { closure } = this.#options;
    for (const step of closureSteps(closure)) {
      const children = step.filter((document) => document !== closure.root);
      const limit = pLimit(MANIFESTS_AT_ONCE);
      await settleAll(children.map((child) => limit(() => this.#putIfMissing(child))));
    }
    if (!(await this.target.isRootPresent)) {
      await this.#options.beforeRoot?.();
      await this.#put(closure.root);
    }
    if (this.#writtenManifests > 0) await this.#verify(closure.root);
  }

  async #putIfMissing(document: ManifestDocument): Promise<void> {
    const { settings, repository } = this.#options;
    const found = await settings.client.headManifest(repository, document.digest, this.#calling());
    if (found === null) await this.#put(document);
  }

  async #put(document: ManifestDocument): Promise<void> {
    const { settings, repository } = this.#options;
    await settings.client.putManifest(repository, document.digest, document, this.#calling());
    this.#writtenManifests += 1;
    settings.onEvent({ type: 'manifest', destination: repository, digest: document.digest });
  }

  /** "Created" is what the registry says; that it can be read is what counts. */
  async #verify(document: ManifestDocument): Promise<void> {
    const { settings, repository } = this.#options;
    for (let look = 1; ; look += 1) {
      if (await settings.client.headManifest(repository, document.digest, this.#calling())) return;
      if (look === VERIFYING_LOOKS) break;
      await settings.sleep(settings.retry.baseMs * look, this.target.signal);
    }
    const name = `${printRepository(repository)}@${document.digest}`;
    throw new RegistryError('REGISTRY_PROTOCOL', `${name} was accepted but is not there`);
  }

  #calling(): CallOptions {
    return { signal: this.target.signal, priority: 'manifest' };
  }

  #outcome(failed: { readonly error: unknown } | null): DestinationCopy {
    const copied = this.#placed('copied');
    const mounted = this.#placed('mounted');
    const hasWritten = copied.length + mounted.length + this.#writtenManifests > 0;
    return {
      destination: this.#options.repository,
      status: failed !== null ? 'failed' : hasWritten ? 'copied' : 'present',
      error: failed?.error ?? null,
      copiedBytes: totalBytes(copied),
      mountedBytes: totalBytes(mounted),
      copiedBlobs: copied.length,
      mountedBlobs: mounted.length,
      skippedBlobs: this.#placed('skipped').length,
    };
  }

  #placed(wanted: BlobPlacement): Descriptor[] {
    return this.#placements.flatMap(({ blob, placement }) => (placement === wanted ? [blob] : []));
  }

  /** Failures that follow from being cancelled, or closed, are told as that. */
  #cancellation(): RegistryError | null {
    const { repository, settings, signal } = this.#options;
    const ended = signal?.aborted ? signal : settings.closed;
    if (!ended.aborted) return null;
    const what = `the copy to ${printRepository(repository)} was cancelled`;
    return new RegistryError('REGISTRY_CANCELLED', what, { cause: ended.reason });
  }
}

function isMissingBelow(error: unknown): boolean {
  if (!(error instanceof RegistryError) || retryClass(error) !== 'briefly') return false;
  return error.diagnostics.some(({ code }) => MISSING_BELOW.includes(code));
}

function totalBytes(blobs: readonly Descriptor[]): number {
  return blobs.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
}
