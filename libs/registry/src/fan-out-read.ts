// SPDX-License-Identifier: Apache-2.0
import type { Readable } from 'node:stream';
import type { Descriptor, Repository } from '@promograph/oci';
import type { CopySettings } from './copy-options.ts';
import type { CopySemaphore, Permit } from './copy-semaphore.ts';
import { orAborted } from './copy-settle.ts';
import { FanOut } from './fan-out.ts';
import { FanOutBranch } from './fan-out-branch.ts';
import type { LaggardHosts } from './fan-out-laggards.ts';
import { readVerified } from './fan-out-source.ts';
import type { KeptBlob } from './kept-blob.ts';
import type { KeptBlobs } from './kept-blobs.ts';
import type { BlobStream } from './registry-client.ts';
import type { SpoolDirectory } from './spool-directory.ts';

/** What reads of one engine share. */
export interface FanOutResources {
  readonly settings: CopySettings;
  readonly spools: SpoolDirectory;
  readonly kept: KeptBlobs;
  readonly laggardHosts: LaggardHosts;
  /** Bytes of all windows. */
  readonly budget: CopySemaphore;
}

/** One read: what, from where, and its place in the queue. */
export interface FanOutReadRequest {
  readonly blob: Descriptor;
  readonly source: Repository;
  readonly slots: CopySemaphore;
  /** Whether others of the run may need the same bytes. */
  readonly isRepeated: () => boolean;
}

/** A destination's seat in a read. */
export interface FanOutTicket {
  /** The bytes, once the read has its turn: the first who needs them starts it for all. Throws what `failure` tells. */
  need(): Promise<Readable>;
  /** No bytes are wanted, or no more. The read ends when nobody is left. */
  leave(): void;
}

interface Seat {
  readonly destination: Repository;
  branch: FanOutBranch | null;
  needsBytes: boolean;
  hasLeft: boolean;
}

/** The right to read, and what is kept of the blob: to be written by this read, or to be read instead of the source. */
interface Turn {
  readonly slot: Permit;
  readonly writing: KeptBlob | null;
}

/** Below this a window is not worth the waiting. */
const LEAST_WINDOW_BYTES = 64 * 1024;

/** One read of a blob at the source for all who joined; started by the first who finds that it needs the bytes. */
export class FanOutRead {
  readonly #resources: FanOutResources;
  readonly #request: FanOutReadRequest;
  readonly #seats: Seat[] = [];
  readonly #abandoned = new AbortController();
  readonly #settled = Promise.withResolvers<void>();
  #started: Promise<void> | null = null;
  #isOpened = false;
  #isReplayed = false;
  #failure: { readonly error: unknown } | null = null;

  constructor(resources: FanOutResources, request: FanOutReadRequest) {
    this.#resources = resources;
    this.#request = request;
  }

  /** Why the source could not be read, or null. Set before the branches learn of it. */
  get failure(): { readonly error: unknown } | null {
    return this.#failure;
  }

  /** Resolves when all have left; after a failure already when those have left who were given bytes. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  join(destination: Repository, signal: AbortSignal): FanOutTicket {
    const seat: Seat = { destination, branch: null, needsBytes: false, hasLeft: false };
    this.#seats.push(seat);
    return {
      need: async () => {
        seat.needsBytes = true;
        this.#started ??= this.#start();
        await orAborted(this.#started, signal);
        if (this.#failure !== null) throw this.#failure.error;
        if (seat.branch === null) throw new Error('a read was joined after it had begun');
        return seat.branch;
      },
      leave: () => {
        seat.hasLeft = true;
        seat.branch?.destroy();
        if (this.#seats.every(({ hasLeft }) => hasLeft)) this.#abandoned.abort();
        this.#settle();
      },
    };
  }

  /** A destination that has not even looked yet must not keep the others from another try. */
  #settle(): void {
    const isOut = ({ hasLeft, needsBytes }: Seat): boolean => hasLeft || (this.#failure !== null && !needsBytes);
    if (this.#seats.every(isOut)) this.#settled.resolve();
  }

  async #start(): Promise<void> {
    const { budget, settings } = this.#resources;
    const { blob } = this.#request;
    const turn = await this.#turn();
    try {
      const seats = this.#seats.filter(({ hasLeft }) => !hasLeft);
      const share = Math.max(LEAST_WINDOW_BYTES, Math.floor(budget.capacity / seats.length));
      const windowBytes = Math.min(settings.windowBytes, share, Math.max(1, blob.sizeBytes));
      const memory = await budget.acquire(windowBytes * seats.length, this.#abandoned.signal);
      const staying = seats.filter(({ hasLeft }) => !hasLeft);
      const branches = staying.map((seat) => {
        seat.branch = new FanOutBranch({ destination: seat.destination, windowBytes, clock: settings.clock });
        return seat.branch;
      });
      void this.#run(branches, turn, memory);
    } catch (error) {
      turn.slot.release();
      turn.writing?.fail();
      throw error;
    }
  }

  /**
   * Waits for a slot, and before it, holding nothing that others could wait for, while another read brings the same blob to
   * disk. One that may be wanted again is kept.
   */
  async #turn(): Promise<Turn> {
    const { signal } = this.#abandoned;
    const { blob, isRepeated, slots } = this.#request;
    const { kept } = this.#resources;
    for (;;) {
      const slot = await slots.acquire(1, signal);
      const other = kept.get(blob.digest);
      if (other === null) return { slot, writing: isRepeated() ? kept.begin(blob) : null };
      if (other.isOver) return { slot, writing: null };
      slot.release();
      await orAborted(other.awaited(), signal);
    }
  }

  async #run(branches: readonly FanOutBranch[], { slot, writing }: Turn, memory: Permit): Promise<void> {
    const { settings, spools, laggardHosts } = this.#resources;
    const { blob } = this.#request;
    const giveBack = (): void => memory.shrink(neededBytes(branches));
    for (const branch of branches) branch.once('close', giveBack);
    giveBack();
    const fanOut = new FanOut({ blob, branches, settings, spools, laggardHosts, kept: writing, onDemoted: giveBack });
    const chunks = this.#chunks(branches.length);
    try {
      await fanOut.run(writing === null ? chunks : writing.write(chunks));
    } catch (error) {
      this.#failure = { error };
      // Wrong bytes on disk must not come again; whoever tries next asks the source.
      if (this.#isReplayed) this.#resources.kept.forget(blob.digest);
      for (const branch of branches) branch.destroy();
      this.#settle();
    } finally {
      slot.release();
    }
    await this.#drain(fanOut, branches);
  }

  #chunks(branches: number): AsyncGenerator<Buffer, void, void> {
    const { onEvent, random, retry, sleep } = this.#resources.settings;
    const { blob, source } = this.#request;
    const { signal } = this.#abandoned;
    return readVerified({
      blob,
      open: () => this.#open(branches),
      onResume: (atByte) => onEvent({ type: 'source-resumed', source, digest: blob.digest, atByte }),
      retry,
      random,
      sleep,
      signal,
    });
  }

  /** From disk where the blob is kept; what cannot be read there is let go, and the next try asks the source. */
  async #open(branches: number): Promise<BlobStream> {
    const { kept, settings } = this.#resources;
    const { blob, source } = this.#request;
    const { signal } = this.#abandoned;
    const known = kept.get(blob.digest);
    if (known?.isWhole) {
      this.#isReplayed = true;
      settings.onEvent({ type: 'kept-read', digest: blob.digest, branches });
      const stream = known.open();
      stream.body.once('error', () => kept.forget(blob.digest));
      return stream;
    }
    if (!this.#isOpened) settings.onEvent({ type: 'source-read', source, digest: blob.digest, branches });
    this.#isOpened = true;
    return settings.client.openBlob(source, blob, { signal, priority: 'upload' });
  }

  /** The rest of the uploads need no source; while others wait for memory, what is left of them goes to disk. */
  async #drain(fanOut: FanOut, branches: readonly FanOutBranch[]): Promise<void> {
    const { budget, settings } = this.#resources;
    const isOpen = (branch: FanOutBranch): boolean => !branch.destroyed && !branch.isDemoted;
    const ended = new AbortController();
    const check = (): void => void (branches.some(isOpen) || ended.abort());
    for (const branch of branches) branch.once('close', check);
    check();
    while (!ended.signal.aborted) {
      await settings.sleep(settings.laggardPolicy.blockedMs, ended.signal).catch(() => undefined);
      if (!budget.isContended) continue;
      for (const branch of branches.filter(isOpen)) await fanOut.spill(branch);
      return;
    }
  }
}

function neededBytes(branches: readonly FanOutBranch[]): number {
  return branches.reduce((total, { destroyed, windowBytes }) => total + (destroyed ? 0 : windowBytes), 0);
}
