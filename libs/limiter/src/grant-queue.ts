// SPDX-License-Identifier: Apache-2.0
import { AGED_SHARE, AGEING_BOUND_MS } from './defaults.ts';
import type { Priority } from './limiter.ts';
import { type Waiting, WaitingLane } from './waiting-lane.ts';

/** Most urgent first. */
const PRIORITIES: readonly Priority[] = ['commit', 'manifest', 'upload', 'scan'];

interface Entry<Item> extends Waiting {
  readonly item: Item;
  readonly lane: string;
  readonly order: number;
  readonly since: number;
}

type Level<Item> = Map<string, WaitingLane<Entry<Item>>>;

/**
 * First in, first out within each priority; a higher priority goes before a lower one. Only one that has waited for
 * `AGEING_BOUND_MS` may go before more urgent ones, and takes no more than one turn in `AGED_SHARE`. Lanes divide what waits
 * by what it waits for.
 */
export class GrantQueue<Item> {
  readonly #now: () => number;
  readonly #levels: readonly Level<Item>[] = PRIORITIES.map(() => new Map());
  #pushed = 0;
  #size = 0;
  #turns = 0;

  /** `now` in milliseconds, for ageing; without it nothing ages. */
  constructor(now: () => number = () => 0) {
    this.#now = now;
  }

  /** How many items wait. */
  get size(): number {
    return this.#size;
  }

  /** Appends `item`; the returned function takes it out again and tells whether it was still waiting. */
  push(item: Item, priority: Priority, lane = ''): () => boolean {
    const level = this.#levels[PRIORITIES.indexOf(priority)];
    const waiting = level?.get(lane) ?? new WaitingLane<Entry<Item>>();
    level?.set(lane, waiting);
    const entry: Entry<Item> = { item, lane, order: (this.#pushed += 1), since: this.#now(), isLive: true };
    waiting.push(entry);
    this.#size += 1;
    return () => this.#remove(entry);
  }

  /** Takes the next item out, of `lane` alone where it is given; undefined when nothing waits there. */
  shift(lane?: string): Item | undefined {
    const isOpen = (name: string): boolean => lane === undefined || name === lane;
    const entry = this.#aged(isOpen) ?? this.#best(isOpen);
    if (entry === undefined) return undefined;
    this.#turns = entry === this.#oldest(isOpen) ? 0 : this.#turns + 1;
    this.#remove(entry);
    return entry.item;
  }

  /** The lanes of the next `most` items in their order, without those of closed lanes. */
  next(most: number, isOpen: (lane: string) => boolean): string[] {
    const lanes: string[] = [];
    const aged = this.#aged(isOpen);
    if (aged) lanes.push(aged.lane);
    for (const level of this.#levels) {
      const entries: Entry<Item>[] = [];
      for (const [lane, waiting] of level) if (isOpen(lane)) entries.push(...waiting.firstOf(most));
      for (const entry of entries.sort((a, b) => a.order - b.order)) {
        if (lanes.length === most) return lanes;
        if (entry !== aged) lanes.push(entry.lane);
      }
    }
    return lanes;
  }

  /** Lanes in which something waits. */
  lanes(): Set<string> {
    const open = this.#levels.flatMap((level) => [...level].filter(([, waiting]) => waiting.first() !== undefined));
    return new Set(open.map(([lane]) => lane));
  }

  #remove(entry: Entry<Item>): boolean {
    if (!entry.isLive) return false;
    entry.isLive = false;
    this.#size -= 1;
    return true;
  }

  #best(isOpen: (lane: string) => boolean): Entry<Item> | undefined {
    for (const level of this.#levels) {
      const best = firstBy(level, isOpen);
      if (best) return best;
    }
    return undefined;
  }

  /** What has waited too long, when it is the turn of such. */
  #aged(isOpen: (lane: string) => boolean): Entry<Item> | undefined {
    if (this.#turns < AGED_SHARE - 1) return undefined;
    const oldest = this.#oldest(isOpen);
    return oldest && this.#now() - oldest.since >= AGEING_BOUND_MS ? oldest : undefined;
  }

  #oldest(isOpen: (lane: string) => boolean): Entry<Item> | undefined {
    let oldest: Entry<Item> | undefined;
    for (const level of this.#levels) {
      const first = firstBy(level, isOpen);
      if (first && (!oldest || first.order < oldest.order)) oldest = first;
    }
    return oldest;
  }
}

function firstBy<Item>(level: Level<Item>, isOpen: (lane: string) => boolean): Entry<Item> | undefined {
  let best: Entry<Item> | undefined;
  for (const [lane, waiting] of level) {
    const first = isOpen(lane) ? waiting.first() : undefined;
    if (first && (!best || first.order < best.order)) best = first;
  }
  return best;
}
