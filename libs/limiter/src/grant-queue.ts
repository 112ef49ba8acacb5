// SPDX-License-Identifier: Apache-2.0
import type { Priority } from './limiter.ts';

/** Most urgent first. */
const PRIORITIES: readonly Priority[] = ['commit', 'manifest', 'upload', 'scan'];

interface Entry<Item> {
  readonly item: Item;
  isLive: boolean;
}

/** First in, first out within each priority; a higher priority always goes before a lower one. */
export class GrantQueue<Item> {
  readonly #lanes: readonly { entries: Entry<Item>[]; head: number }[] = PRIORITIES.map(() => ({
    entries: [],
    head: 0,
  }));
  #size = 0;

  /** How many items wait. */
  get size(): number {
    return this.#size;
  }

  /** Appends `item`; the returned function takes it out again and tells whether it was still waiting. */
  push(item: Item, priority: Priority): () => boolean {
    const entry: Entry<Item> = { item, isLive: true };
    this.#lanes[PRIORITIES.indexOf(priority)]?.entries.push(entry);
    this.#size += 1;
    return () => {
      if (!entry.isLive) return false;
      entry.isLive = false;
      this.#size -= 1;
      return true;
    };
  }

  /** Takes the most urgent item out, or undefined when nothing waits. */
  shift(): Item | undefined {
    for (const lane of this.#lanes) {
      while (lane.head < lane.entries.length) {
        const entry = lane.entries[lane.head];
        lane.head += 1;
        if (!entry?.isLive) continue;
        entry.isLive = false;
        this.#size -= 1;
        compact(lane);
        return entry.item;
      }
      compact(lane);
    }
    return undefined;
  }
}

/** Drops what was passed, once it is half of the lane: constant cost per item, no memory kept for the gone. */
function compact(lane: { entries: unknown[]; head: number }): void {
  if (lane.head * 2 < lane.entries.length) return;
  lane.entries.splice(0, lane.head);
  lane.head = 0;
}
