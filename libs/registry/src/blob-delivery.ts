// SPDX-License-Identifier: Apache-2.0
import type { Descriptor, Repository } from '@promograph/oci';
import { BlobClaims } from './blob-claims.ts';
import { BlobDemand } from './blob-demand.ts';
import { BlobLocations } from './blob-locations.ts';
import { type BlobTarget, type BrokenUpload, cancelQuietly, placeBlob } from './blob-placement.ts';
import type { BlobPlacement } from './copy-event.ts';
import { mayRetry, retryDelayMs } from './copy-retry.ts';
import { CopySemaphore } from './copy-semaphore.ts';
import { orAborted } from './copy-settle.ts';
import { FanOutRead, type FanOutResources } from './fan-out-read.ts';
import { OwnMounts } from './own-mounts.ts';
import { RegistryError } from './registry-error.ts';

/** One blob for some destinations. */
export interface BlobRequest {
  readonly blob: Descriptor;
  readonly source: Repository;
  readonly targets: readonly BlobTarget[];
}

interface Member {
  readonly target: BlobTarget;
  failures: number;
  readonly resolve: (placement: BlobPlacement) => void;
  readonly reject: (error: unknown) => void;
}

interface SharedRead {
  readonly read: FanOutRead;
  readonly onSourceFailed: (member: Member) => void;
}

/** Reads of a blob that came with wrong bytes: once may be the network, three times is the source. */
const MISMATCHED_READS = 3;

/**
 * Brings blobs to destinations, once each, for all copies of a run together: one source read for all who miss a blob, one upload
 * per host, mounts for the host's other repositories.
 */
export class BlobDelivery {
  readonly locations: BlobLocations = new BlobLocations();
  readonly #resources: FanOutResources;
  readonly #claims = new BlobClaims();
  readonly #demand = new BlobDemand();
  readonly #slots = new Map<string, CopySemaphore>();
  readonly #ownMounts: OwnMounts;

  constructor(resources: FanOutResources) {
    this.#resources = resources;
    this.#ownMounts = new OwnMounts(resources.settings.ownMount);
  }

  /**
   * One promise per target, in order. All targets are claimed before anything is asked, so that two copies that want the same
   * blob at the same hosts never share them out between two reads.
   */
  deliver(request: BlobRequest): Promise<BlobPlacement>[] {
    const members: Member[] = [];
    const hosts = new Set(request.targets.map(({ repository }) => repository.host));
    // Of several repositories of one host the first gets the bytes; should it not mount, so do the others, later.
    this.#demand.note(request.blob.digest, hosts, request.targets.length > hosts.size ? 2 : 1);
    const outcomes = request.targets.map((target) => {
      const claim = this.#claims.claim(target.repository, request.blob.digest, this.#waitsForHost(request, target));
      if (claim.kind === 'held') return this.#deliverAfter(claim.done, request, target);
      const { promise, resolve, reject } = Promise.withResolvers<BlobPlacement>();
      members.push({ target, failures: 0, resolve, reject });
      return promise.finally(claim.end);
    });
    if (members.length > 0) void this.#deliverTogether(request, members);
    return outcomes;
  }

  /** Whether one repository of the host should get the blob first, for the others to mount it from. */
  #waitsForHost({ blob, source }: BlobRequest, { repository }: BlobTarget): boolean {
    const { locations } = this;
    return locations.isMounting(repository.host) && locations.mountSource(repository, blob.digest, source) === null;
  }

  async #deliverAfter(done: Promise<void>, request: BlobRequest, target: BlobTarget): Promise<BlobPlacement> {
    await orAborted(done, target.signal);
    return this.deliverOne(request, target);
  }

  /** One more blob for one target. */
  async deliverOne(request: BlobRequest, target: BlobTarget): Promise<BlobPlacement> {
    const [placement] = await Promise.all(this.deliver({ ...request, targets: [target] }));
    return placement ?? 'skipped';
  }

  /**
   * Destinations that the source failed come back together, those excepted that were still looking when it failed; one that
   * failed by itself goes on alone.
   */
  async #deliverTogether(request: BlobRequest, members: readonly Member[], reads = 1): Promise<void> {
    const read = this.#openRead(request, members);
    const failed: Member[] = [];
    let isOver = false;
    const readAgain = (again: readonly Member[]): void => {
      const error = read.failure?.error;
      if (isMismatch(error) && reads < MISMATCHED_READS && again.length > 0) {
        void this.#deliverTogether(request, again, reads + 1);
      } else for (const { reject } of again) reject(error);
    };
    const onSourceFailed = (member: Member): void => {
      if (isOver) readAgain([member]);
      else failed.push(member);
    };
    for (const member of members) void this.#attempt(request, member, { read, onSourceFailed });
    await read.settled;
    isOver = true;
    readAgain(failed);
  }

  async #attempt(request: BlobRequest, member: Member, shared: SharedRead): Promise<void> {
    const { read, onSourceFailed } = shared;
    const { target } = member;
    const ticket = read.join(target.repository, target.signal);
    try {
      const { client } = this.#resources.settings;
      const isRetry = member.failures > 0;
      const { blob, source } = request;
      const known = { locations: this.locations, ownMounts: this.#ownMounts };
      const result = await placeBlob({ client, ...known, blob, source, target, ticket, isRetry });
      if (typeof result === 'string') this.#end(request, member, result);
      else this.#onBroken(request, member, { ...shared, broken: result });
    } catch (error) {
      if (read.failure !== null && error === read.failure.error) onSourceFailed(member);
      else member.reject(error);
    } finally {
      ticket.leave();
    }
  }

  #end(request: BlobRequest, member: Member, placement: BlobPlacement): void {
    const { blob } = request;
    this.#resources.settings.onEvent({ type: 'blob', destination: member.target.repository, blob, placement });
    member.resolve(placement);
  }

  #onBroken(
    request: BlobRequest,
    member: Member,
    { broken, onSourceFailed, read }: SharedRead & { readonly broken: BrokenUpload },
  ): void {
    const { settings } = this.#resources;
    const { signal } = member.target;
    const isIncomplete = read.failure !== null || signal.aborted;
    if (isIncomplete) cancelQuietly(settings, broken.session);
    if (signal.aborted) return member.reject(signal.reason);
    if (read.failure !== null) return onSourceFailed(member);
    member.failures += 1;
    if (mayRetry(broken.error, member.failures, settings.retry)) void this.#retryAlone(request, member, broken.error);
    else member.reject(broken.error);
  }

  async #retryAlone(request: BlobRequest, member: Member, error: unknown): Promise<void> {
    const { onEvent, random, retry, sleep } = this.#resources.settings;
    const { failures, target } = member;
    const delayMs = retryDelayMs(error, failures, { policy: retry, random });
    onEvent({ type: 'upload-retry', destination: target.repository, digest: request.blob.digest, failures, delayMs });
    try {
      await sleep(delayMs, target.signal);
    } catch {
      return member.reject(target.signal.reason);
    }
    await this.#deliverTogether(request, [member]);
  }

  #openRead(request: BlobRequest, members: readonly Member[]): FanOutRead {
    const hosts = new Set(members.map(({ target }) => target.repository.host));
    const { blob, source } = request;
    const slots = this.#slotsFor([...hosts].sort().join(' '));
    const isRepeated = (): boolean => this.#demand.isRepeated(blob.digest, (host) => this.locations.alwaysMounts(host));
    return new FanOutRead(this.#resources, { blob, source, slots, isRepeated });
  }

  /** Slots per set of hosts, so that blobs for a slow host alone take no turn of the others. */
  #slotsFor(hosts: string): CopySemaphore {
    const known = this.#slots.get(hosts);
    if (known) return known;
    const slots = new CopySemaphore(this.#resources.settings.blobConcurrency);
    this.#slots.set(hosts, slots);
    return slots;
  }
}

function isMismatch(error: unknown): boolean {
  return error instanceof RegistryError && error.code === 'REGISTRY_DIGEST_MISMATCH';
}
