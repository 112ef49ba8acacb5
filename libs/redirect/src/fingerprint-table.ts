// SPDX-License-Identifier: Apache-2.0
import { FINGERPRINT_WORDS } from './fingerprint.ts';

/** How a table of fingerprints is shaped. */
export interface FingerprintTableOptions {
  /** Entries that it must be able to hold; it takes 22 bytes of memory for each, 27 with times. */
  readonly capacity: number;
  /** Whether entries end: they then carry a time. */
  readonly isTimed: boolean;
}

/** Entries that share a place: so many are compared in a look-up, and the one used longest ago makes room. */
const WAYS = 32;
/** Places are unevenly filled: with a quarter of them free, one entry in 250 is lost before the table is full. */
const SLACK = 1.35;

/**
 * A bounded set of 128-bit fingerprints, packed: a Map of strings takes ten times the memory. Within a place the entry
 * used longest ago is the first to go. Time is any count of milliseconds that starts near 0, such as `performance.now()`.
 */
export class FingerprintTable {
  readonly #words: Uint32Array;
  readonly #stride: number;
  readonly #places: number;
  readonly #moved: Uint32Array;
  #size = 0;

  constructor({ capacity, isTimed }: FingerprintTableOptions) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) throw new RangeError('capacity must be a whole number from 1');
    const places = Math.ceil((capacity * SLACK) / WAYS);
    this.#stride = FINGERPRINT_WORDS + (isTimed ? 1 : 0);
    this.#places = places;
    this.#moved = new Uint32Array(this.#stride);
    this.#words = new Uint32Array(places * WAYS * this.#stride);
  }

  /** Entries in it, those included that have ended and were not looked up since. */
  get size(): number {
    return this.#size;
  }

  /** Whether the fingerprint is in it and has not ended. */
  has(fingerprint: Uint32Array, nowMs: number): boolean {
    if (this.#size === 0) return false;
    const start = this.#placeOf(fingerprint);
    const way = this.#find(start, fingerprint);
    if (way < 0) return false;
    if (this.#stride > FINGERPRINT_WORDS && this.#endOf(start, way) <= hundredths(nowMs)) return false;
    this.#moveToFront(start, way);
    return true;
  }

  /** Puts the fingerprint in, or gives it a new end. */
  add(fingerprint: Uint32Array, endsAtMs = 0): void {
    const start = this.#placeOf(fingerprint);
    let way = this.#find(start, fingerprint);
    if (way < 0) {
      way = this.#freeWay(start);
      if (this.#isFree(start, way)) this.#size += 1;
      this.#write(start, way, fingerprint);
    }
    if (this.#stride > FINGERPRINT_WORDS) {
      this.#words[start + way * this.#stride + FINGERPRINT_WORDS] = hundredths(endsAtMs);
    }
    this.#moveToFront(start, way);
  }

  #placeOf(fingerprint: Uint32Array): number {
    return Math.floor(((fingerprint[3] ?? 0) / 2 ** 32) * this.#places) * WAYS * this.#stride;
  }

  #find(start: number, fingerprint: Uint32Array): number {
    const words = this.#words;
    const second = fingerprint[1] ?? 0;
    for (let way = 0; way < WAYS; way += 1) {
      const at = start + way * this.#stride;
      if (words[at + 1] !== second) continue;
      const isSame =
        words[at] === mark(fingerprint) && words[at + 2] === fingerprint[2] && words[at + 3] === fingerprint[3];
      if (isSame) return way;
    }
    return -1;
  }

  /** The first free entry, else the last: entries are in the order of their last use. */
  #freeWay(start: number): number {
    for (let way = 0; way < WAYS; way += 1) if (this.#isFree(start, way)) return way;
    return WAYS - 1;
  }

  #isFree(start: number, way: number): boolean {
    return this.#words[start + way * this.#stride] === 0;
  }

  #endOf(start: number, way: number): number {
    return this.#words[start + way * this.#stride + FINGERPRINT_WORDS] ?? 0;
  }

  #write(start: number, way: number, fingerprint: Uint32Array): void {
    const at = start + way * this.#stride;
    this.#words.set(fingerprint, at);
    this.#words[at] = mark(fingerprint);
  }

  /** Entries in the front half are recent enough: moving them would cost more than it tells. */
  #moveToFront(start: number, way: number): void {
    if (way < WAYS / 2) return;
    const words = this.#words;
    const stride = this.#stride;
    const moved = this.#moved;
    const from = start + way * stride;
    // Word by word: views of parts of an array cost more than what they copy.
    for (let word = 0; word < stride; word += 1) moved[word] = words[from + word] ?? 0;
    words.copyWithin(start + stride, start, from);
    for (let word = 0; word < stride; word += 1) words[start + word] = moved[word] ?? 0;
  }
}

/** A fingerprint's first word as it is stored: one bit less tells used entries from free ones. */
function mark(fingerprint: Uint32Array): number {
  return ((fingerprint[0] ?? 0) | 0x80000000) >>> 0;
}

/** Times are kept in hundredths of a second, which lasts for more than a year in 32 bits. */
function hundredths(timeMs: number): number {
  return Math.min(0xffffffff, Math.ceil(timeMs / 10));
}
