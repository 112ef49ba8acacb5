// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream';
import type { Repository } from '@promograph/oci';
import type { BranchPace } from './fan-out-laggards.ts';
import type { SpoolFile, SpoolReader } from './spool-file.ts';

/** What a branch is made of. */
export interface FanOutBranchOptions {
  readonly destination: Repository;
  /** Bytes that may wait in memory. */
  readonly windowBytes: number;
  readonly clock: () => number;
}

const HIGH_WATER_BYTES = 256 * 1024;
/**
 * Reserved for a branch that is fed from disk. Only while its upload has a connection does it hold more, a piece of
 * 256 KiB read and one being sent; there are few connections per host, and there may be many uploads that wait for one.
 */
const DEMOTED_BYTES = 64 * 1024;

/**
 * One destination's view of a shared read: a queue in memory, and behind it, once demoted, a file. It knows how far it is behind and
 * how fast it is; whether that is too slow is for the fan-out to say.
 */
export class FanOutBranch extends Readable {
  readonly destination: Repository;
  /** Most that this branch may have in memory; less once it is fed from disk. */
  windowBytes: number;
  /** How long this branch starved others, milliseconds. */
  blockedMs = 0;
  /** Called when a full window has drained to half, and when the branch ends. */
  onRoom: () => void = () => undefined;
  readonly #clock: () => number;
  #queue: Buffer[] = [];
  /** What came when the spool was full: it follows the file. */
  #behindSpool: Buffer[] = [];
  #queuedBytes = 0;
  #spool: SpoolReader | null = null;
  #isDemoted = false;
  #fedBytes = 0;
  #sentBytes = 0;
  #wantsMore = false;
  #isFinished = false;
  #isReadingSpool = false;
  #starvedSince: number | null = null;
  #busySince: number | null = null;
  #busyMs = 0;

  constructor(options: FanOutBranchOptions) {
    super({ highWaterMark: HIGH_WATER_BYTES });
    this.destination = options.destination;
    this.windowBytes = options.windowBytes;
    this.#clock = options.clock;
    // The upload that reads the branch tells of its failure; an error without a listener would end the process.
    this.on('error', () => undefined);
  }

  /** Whether the source must wait for this branch. */
  get isFull(): boolean {
    return !this.destroyed && this.#queuedBytes >= this.windowBytes;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Whether it was ever given a file: a branch is demoted once. */
  get isDemoted(): boolean {
    return this.#isDemoted;
  }

  /** Offset in the blob of the first byte that waits in memory. */
  get queueOffset(): number {
    return this.#fedBytes - this.#queuedBytes;
  }

  /** Since when the destination would take more than there is; null while it has something to send. */
  get starvedSince(): number | null {
    return this.#starvedSince;
  }

  get pace(): BranchPace {
    const busyMs = this.#busyMs + (this.#busySince === null ? 0 : this.#clock() - this.#busySince);
    return { blockedMs: this.blockedMs, bytesPerMs: busyMs === 0 ? Infinity : this.#sentBytes / busyMs };
  }

  /** What waits in memory now, for the spool. */
  waitingChunks(): readonly Buffer[] {
    return [...this.#queue];
  }

  feed(chunk: Buffer): void {
    if (this.destroyed) return;
    this.#starvedSince = null;
    this.#fedBytes += chunk.length;
    (this.#spool === null ? this.#queue : this.#behindSpool).push(chunk);
    this.#queuedBytes += chunk.length;
    this.#flush();
  }

  /** From here on the file has what `feed` would have brought; what waits in memory and is in the file is let go. */
  demote(spool: SpoolFile): void {
    let offset = this.#fedBytes;
    for (let last = this.#queue.at(-1); last && offset - last.length >= spool.base; last = this.#queue.at(-1)) {
      this.#queue.pop();
      offset -= last.length;
      this.#queuedBytes -= last.length;
    }
    this.#spool = spool.reader(offset);
    this.#isDemoted = true;
    this.shrink();
    this.#flush();
  }

  /** Needs no window any more: the rest of the bytes is on disk, or handed on. */
  shrink(): void {
    this.windowBytes = Math.min(this.windowBytes, DEMOTED_BYTES);
  }

  /** Nothing more will be fed. */
  finish(): void {
    this.#isFinished = true;
    this.#flush();
  }

  override _read(): void {
    this.#wantsMore = true;
    this.#flush();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#spool?.release();
    this.onRoom();
    callback(error);
  }

  #flush(): void {
    if (this.destroyed || this.#isReadingSpool) return;
    const half = this.windowBytes / 2;
    const wasCrowded = this.#queuedBytes > half;
    for (let chunk = this.#nextChunk(); chunk; chunk = this.#nextChunk()) this.#send(chunk);
    this.#notePace();
    if (wasCrowded && this.#queuedBytes <= half) this.onRoom();
    if (this.#queue.length > 0) return;
    if (this.#spool !== null) {
      if (this.#wantsMore) void this.#readSpool(this.#spool);
    } else if (this.#isFinished) {
      this.#isFinished = false;
      this.push(null);
    }
  }

  #nextChunk(): Buffer | undefined {
    const chunk = this.#wantsMore ? this.#queue.shift() : undefined;
    this.#queuedBytes -= chunk?.length ?? 0;
    return chunk;
  }

  async #readSpool(spool: SpoolReader): Promise<void> {
    this.#isReadingSpool = true;
    try {
      while (this.#wantsMore && this.#spool !== null && !this.destroyed) {
        const piece = await spool.next();
        if (this.destroyed) return;
        if (piece === null) this.#leaveSpool();
        else this.#send(piece);
      }
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#isReadingSpool = false;
    }
    this.#flush();
  }

  #leaveSpool(): void {
    this.#spool?.release();
    this.#spool = null;
    this.#queue = this.#behindSpool;
    this.#behindSpool = [];
  }

  #send(chunk: Buffer): void {
    this.#sentBytes += chunk.length;
    this.#wantsMore = this.push(chunk);
  }

  #notePace(): void {
    const now = this.#clock();
    const isIdle = this.#queue.length === 0 && this.#spool === null;
    if (isIdle && this.#wantsMore) this.#starvedSince ??= now;
    else this.#starvedSince = null;
    if (!isIdle) {
      this.#busySince ??= now;
    } else if (this.#busySince !== null) {
      this.#busyMs += now - this.#busySince;
      this.#busySince = null;
    }
  }
}
