// SPDX-License-Identifier: Apache-2.0
import type { Descriptor } from '@promograph/oci';
import type { CopySettings } from './copy-options.ts';
import type { FanOutBranch } from './fan-out-branch.ts';
import { type LaggardHosts, patienceMs } from './fan-out-laggards.ts';
import type { KeptBlob } from './kept-blob.ts';
import type { SpoolDirectory } from './spool-directory.ts';
import type { SpoolFile } from './spool-file.ts';

/** What a fan-out needs beside its branches. */
export interface FanOutOptions {
  readonly blob: Descriptor;
  readonly branches: readonly FanOutBranch[];
  readonly settings: Pick<CopySettings, 'clock' | 'sleep' | 'laggardPolicy' | 'onEvent'>;
  readonly spools: SpoolDirectory;
  readonly laggardHosts: LaggardHosts;
  /** What others may wait for beside the branches. */
  readonly kept: Pick<KeptBlob, 'awaitedSince' | 'fail' | 'onAwaited'> | null;
  /** A branch needs less memory from now on. */
  readonly onDemoted: () => void;
}

/** A patience that is nearly spent is not looked at more often than this. */
const SHORTEST_WAIT_MS = 20;

/**
 * Gives every chunk of one source to all branches that are still alive, waiting while one of them is a full window behind,
 * unless that one starves the others: then it is fed from disk from there on.
 */
export class FanOut {
  readonly #options: FanOutOptions;
  #spool: SpoolFile | null = null;
  #isSpoolRefused = false;
  #wake: () => void = () => undefined;

  constructor(options: FanOutOptions) {
    this.#options = options;
    for (const branch of options.branches) branch.onRoom = () => this.#wake();
    if (options.kept !== null) options.kept.onAwaited = () => this.#wake();
  }

  /** Passes all chunks on. Ends early when no branch is left; throws what `chunks` throws. */
  async run(chunks: AsyncIterable<Buffer>): Promise<void> {
    try {
      for await (const chunk of chunks) {
        await this.#waitForRoom();
        if (this.#live().length === 0) return;
        await this.#distribute(chunk);
      }
      this.#spool?.seal();
      for (const branch of this.#live()) branch.finish();
    } finally {
      this.#spool?.seal();
    }
  }

  /** Moves to disk what a branch has in memory, when the source has ended and the memory is wanted by others. */
  async spill(branch: FanOutBranch): Promise<void> {
    if (branch.destroyed || branch.isDemoted || this.#isSpoolRefused) return;
    if (branch.queuedBytes === 0) {
      branch.shrink();
      this.#options.onDemoted();
      return;
    }
    const spool = await this.#spoolOf(branch);
    if (spool === null) this.#refuseSpool();
    else if (!branch.destroyed) this.#enter(branch, spool);
    spool?.seal();
  }

  #isAwaited(): boolean {
    return this.#options.kept !== null && this.#options.kept.awaitedSince !== null;
  }

  #live(): FanOutBranch[] {
    return this.#options.branches.filter(({ destroyed }) => !destroyed);
  }

  async #distribute(chunk: Buffer): Promise<void> {
    const demoted = this.#spool === null ? [] : this.#live().filter(({ isDemoted }) => isDemoted);
    for (const branch of this.#live()) if (!demoted.includes(branch)) branch.feed(chunk);
    if (this.#spool === null) return;
    if (demoted.length > 0 && (await this.#spool.append(chunk))) return;
    if (demoted.length > 0) this.#refuseSpool();
    this.#spool.seal();
    this.#spool = null;
    for (const branch of demoted) branch.feed(chunk);
  }

  async #waitForRoom(): Promise<void> {
    for (let full = this.#full(); full.length > 0; full = this.#full()) {
      const since = this.#options.settings.clock();
      await this.#roomWithin(this.#shortestPatience(full));
      this.#blame(full, since);
      for (const branch of full) if (this.#isLaggard(branch)) await this.#demote(branch);
    }
  }

  #full(): FanOutBranch[] {
    return this.#live().filter((branch) => branch.isFull && !(branch.isDemoted && this.#spool !== null));
  }

  /** Waits until a full branch has room, or until it is time to look at patiences again. */
  async #roomWithin(patience: number): Promise<void> {
    const room = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (patience === Infinity) return room;
    const timer = new AbortController();
    const spent = this.#options.settings
      .sleep(Math.max(patience, SHORTEST_WAIT_MS), timer.signal)
      .catch(() => undefined);
    await Promise.race([room, spent]);
    timer.abort();
  }

  #shortestPatience(full: readonly FanOutBranch[]): number {
    const isSomebodyHeldBack = full.length < this.#live().length || this.#isAwaited();
    if (this.#isSpoolRefused || !isSomebodyHeldBack) return Infinity;
    return Math.min(...full.map((branch) => this.#patience(branch)));
  }

  #patience(branch: FanOutBranch): number {
    // A host that is already fed from disk has used up its patience.
    if (this.#options.laggardHosts.has(branch.destination.host)) return 0;
    const paces = this.#live().map(({ pace }) => pace);
    return patienceMs(branch.pace, paces, this.#options.settings.laggardPolicy);
  }

  /** A wait counts against the full branches from the moment on when another one had nothing left to send. */
  #blame(full: readonly FanOutBranch[], since: number): void {
    const awaitedSince = this.#options.kept?.awaitedSince ?? null;
    const starts = [...this.#live().map(({ starvedSince }) => starvedSince), awaitedSince];
    const starved = starts.filter((at) => at !== null);
    if (starved.length === 0) return;
    const waitedMs = this.#options.settings.clock() - Math.max(since, Math.min(...starved));
    for (const branch of full) branch.blockedMs += waitedMs;
  }

  #isLaggard(branch: FanOutBranch): boolean {
    if (!branch.isFull || branch.isDemoted || this.#isSpoolRefused) return false;
    const isAnyStarved = this.#isAwaited() || this.#live().some((other) => other.starvedSince !== null);
    return isAnyStarved && this.#patience(branch) <= 0;
  }

  async #demote(branch: FanOutBranch): Promise<void> {
    this.#spool ??= await this.#spoolOf(branch);
    if (this.#spool === null) this.#refuseSpool();
    else if (!branch.destroyed) this.#enter(branch, this.#spool);
  }

  /** A file that holds what the branch has in memory, so that the branch can let go of it. Null when the disk is full. */
  async #spoolOf(branch: FanOutBranch): Promise<SpoolFile | null> {
    // Both at once: the branch goes on sending while the file is written.
    const base = branch.queueOffset;
    const chunks = branch.waitingChunks();
    const spool = await this.#options.spools.create(this.#options.blob.digest, base);
    for (const chunk of spool === null ? [] : chunks) {
      if (await spool?.append(chunk)) continue;
      await spool?.discard();
      return null;
    }
    return spool;
  }

  #enter(branch: FanOutBranch, spool: SpoolFile): void {
    const { blob, laggardHosts, settings } = this.#options;
    const { destination } = branch;
    settings.onEvent({ type: 'demoted', destination, digest: blob.digest, fromByte: branch.queueOffset });
    laggardHosts.enter(destination.host);
    branch.once('close', () => laggardHosts.leave(destination.host));
    branch.demote(spool);
    this.#options.onDemoted();
  }

  #refuseSpool(): void {
    this.#isSpoolRefused = true;
    // Slow branches hold back the source from here on, and with it whoever waits for the file.
    this.#options.kept?.fail();
    this.#options.settings.onEvent({ type: 'spool-full', digest: this.#options.blob.digest });
  }
}
