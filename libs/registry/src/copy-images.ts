// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, type Digest, type Repository, printRepository } from '@promograph/oci';
import { BlobDelivery } from './blob-delivery.ts';
import type { BlobTarget } from './blob-placement.ts';
import { closureBlobs } from './closure-blobs.ts';
import { ClosureMemo } from './closure-memo.ts';
import { readClosure } from './closure.ts';
import { CopyDestination } from './copy-destination.ts';
import type { Closure, CopyEngine, CopyRequest, DestinationCopy } from './copy-engine.ts';
import { type CopyEngineOptions, type CopySettings, copySettings } from './copy-options.ts';
import { CopySemaphore } from './copy-semaphore.ts';
import { LaggardHosts } from './fan-out-laggards.ts';
import { KeptBlobs } from './kept-blobs.ts';
import { publishTag } from './publish-tag.ts';
import { SpoolDirectory } from './spool-directory.ts';

/** Closures remembered as complete, for tags that follow: forgetting one costs a request. */
const MAX_COMPLETE = 100_000;

/**
 * The copy engine of one run. All copies of the run should go through one engine, at the same time: it shares source reads,
 * uploads and memory between them. `copy` rejects only for what concerns every destination: the closure cannot be read, or
 * is not one. Codes: those of the client, `REGISTRY_CANCELLED`, `OCI_INVALID_MANIFEST`, `OCI_UNSUPPORTED_MEDIA_TYPE`.
 */
export function createCopyEngine(options: CopyEngineOptions): CopyEngine {
  const closer = new AbortController();
  const settings = copySettings(options, closer.signal);
  const { client, leases } = settings;
  const spools = openSpools(settings);
  const budget = new CopySemaphore(settings.bodyBudgetBytes);
  const kept = new KeptBlobs(spools, settings.spoolCapBytes, settings.clock);
  const delivery = new BlobDelivery({ settings, spools, kept, laggardHosts: new LaggardHosts(), budget });
  const reader = { client, memo: new ClosureMemo(), closed: closer.signal };
  const complete = new CompleteClosures();
  return {
    readClosure: (source, digest, signal) => readClosure(reader, { source, digest, signal }),
    copy: async (request) => {
      const closure = await readClosure(reader, request);
      return copyClosure({ settings, delivery, complete }, request, closure);
    },
    publishTag: (request) =>
      publishTag({ client, leases, isComplete: (tag) => complete.has(tag.destination, tag.document.digest) }, request),
    tryWrite: async (destination, signal) => {
      const calling = { priority: 'upload' as const, ...(signal ? { signal } : {}) };
      const start = await client.startUpload(destination, calling);
      if (start.kind === 'started') await client.cancelUpload(start.session, calling);
    },
    close: async () => {
      closer.abort(new Error('the copy engine was closed'));
      await spools.close();
    },
  };
}

interface CopyParts {
  readonly settings: CopySettings;
  readonly delivery: BlobDelivery;
  readonly complete: CompleteClosures;
}

async function copyClosure(parts: CopyParts, request: CopyRequest, closure: Closure): Promise<DestinationCopy[]> {
  const { complete, delivery, settings } = parts;
  const { source, signal, beforeRoot } = request;
  const blobs = closureBlobs(closure);
  const bringAgain = (blob: Descriptor, target: BlobTarget): ReturnType<BlobDelivery['deliverOne']> => {
    delivery.locations.forget(target.repository, blob.digest);
    return delivery.deliverOne({ blob, source, targets: [] }, target);
  };
  const runs = request.destinations.map((repository) => {
    const hook = beforeRoot && ((): Promise<void> => beforeRoot(repository));
    const isAbsent = request.isAbsent?.(repository) ?? false;
    return new CopyDestination({ settings, repository, closure, signal, isAbsent, bringAgain, beforeRoot: hook });
  });
  const targets = runs.map(({ target }) => target);
  const placed = blobs.map((blob) => delivery.deliver({ blob, source, targets }));
  return Promise.all(
    runs.map(async (run, index) => {
      const pending = blobs.flatMap((blob, row) => {
        const promise = placed[row]?.[index];
        return promise === undefined ? [] : [{ blob, placed: promise }];
      });
      const copy = await run.finish(pending);
      if (copy.status !== 'failed') complete.add(copy.destination, closure.root.digest);
      request.onDestination?.(copy);
      return copy;
    }),
  );
}

/** Where this run itself saw everything below a digest. */
class CompleteClosures {
  readonly #known = new Set<string>();

  add(repository: Repository, digest: Digest): void {
    this.#known.add(`${printRepository(repository)}@${digest}`);
    const [oldest] = this.#known;
    if (this.#known.size > MAX_COMPLETE && oldest !== undefined) this.#known.delete(oldest);
  }

  has(repository: Repository, digest: Digest): boolean {
    return this.#known.has(`${printRepository(repository)}@${digest}`);
  }
}

function openSpools({ fileSystem, spoolCapBytes, spoolDir }: CopySettings): SpoolDirectory {
  return new SpoolDirectory({ path: spoolDir, capBytes: spoolCapBytes, fileSystem });
}
