// SPDX-License-Identifier: Apache-2.0
import { FINGERPRINT_WORDS } from './fingerprint.ts';

/** How a table of fingerprints is shaped. */
export interface FingerprintTableOptions {
  /** Entries that it must be able to hold; it takes 17 bytes of memory for each, 22 with times. */
  readonly capacity: number;
  /** Whether entries end: they then carry a time. */
  readonly isTimed: boolean;
}

/** Entries that share a place: so many are compared in a look-up, and the one used longest ago makes room. */
const WAYS = 32;
/** Places are unevenly filled: with a quarter of them free, one entry in 250 is lost before the table is full. */
const SLACK = 1.35;
/** Words that stand apart from an entry's first one: two of its fingerprint. */
const REST = FINGERPRINT_WORDS - 2;

/**
 * A bounded set of fingerprints, packed: a Map of strings takes ten times the memory. The fourth word of a fingerprint says
 * its place, the other three are kept; first words stand in an array of their own, so that a look-up reads two lines of
 * the processor's cache and one or two more where it finds something. Within a place the entry used longest ago is the
 * first to go. Time is any count of milliseconds that starts near 0, such as `performance.now()`.
 */
export class FingerprintTable {
  /** First words, by place and within it in the order of their last use; 0 is free. */
  readonly #first: Uint32Array;
  /** The other two words, and the time. */
  readonly #rest: Uint32Array;
  readonly #stride: number;
  readonly #places: number;
  readonly #moved: Uint32Array;
  #size = 0;

  constructor({ capacity, isTimed }: FingerprintTableOptions) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) throw new RangeError('capacity must be a whole number from 1');
    const places = Math.ceil((capacity * SLACK) / WAYS);
    this.#stride = REST + (isTimed ? 1 : 0);
    this.#places = places;
    this.#moved = new Uint32Array(this.#stride);
    this.#first = new Uint32Array(places * WAYS);
    this.#rest = new Uint32Array(places * WAYS * this.#stride);
  }

  /** Entries in it, those included that have ended and were not looked up since. */
  get size(): number {
    return this.#size;
  }

  /** Whether the fingerprint is in it and has not ended. */
  has(fingerprint: Uint32Array, nowMs: number): boolean {
    if (this.#size === 0) return false;
    const start = this.#placeOf(fingerprint);
    const at = this.#find(start, fingerprint);
    if (at < 0) return false;
    if (this.#stride > REST && (this.#rest[at * this.#stride + REST] ?? 0) <= hundredths(nowMs)) return false;
    this.#moveToFront(start, at);
    return true;
  }

  /** Puts the fingerprint in, or gives it a new end. */
  add(fingerprint: Uint32Array, endsAtMs = 0): void {
    const start = this.#placeOf(fingerprint);
    let at = this.#find(start, fingerprint);
    if (at < 0) {
      at = this.#freeEntry(start);
      if (this.#first[at] === 0) this.#size += 1;
      this.#first[at] = mark(fingerprint);
      for (let word = 0; word < REST; word += 1) this.#rest[at * this.#stride + word] = fingerprint[word + 1] ?? 0;
    }
    if (this.#stride > REST) this.#rest[at * this.#stride + REST] = hundredths(endsAtMs);
    this.#moveToFront(start, at);
  }

  /** The first of the entries that a fingerprint may be in. */
  #placeOf(fingerprint: Uint32Array): number {
    return Math.floor(((fingerprint[3] ?? 0) / 2 ** 32) * this.#places) * WAYS;
  }

  #find(start: number, fingerprint: Uint32Array): number {
    const first = this.#first;
    const wanted = mark(fingerprint);
    for (let at = start; at < start + WAYS; at += 1) {
      if (first[at] !== wanted) continue;
      const rest = at * this.#stride;
      if (this.#rest[rest] === fingerprint[1] && this.#rest[rest + 1] === fingerprint[2]) return at;
    }
    return -1;
  }

  /** The first free entry of a place, else its last. */
  #freeEntry(start: number): number {
    const last = start + WAYS - 1;
    for (let at = start; at < last; at += 1) if (this.#first[at] === 0) return at;
    return last;
  }

  /** Entries in the front half are recent enough: moving them would cost more than it tells. */
  #moveToFront(start: number, at: number): void {
    if (at < start + WAYS / 2) return;
    const first = this.#first;
    const moved = first[at] ?? 0;
    first.copyWithin(start + 1, start, at);
    first[start] = moved;
    const stride = this.#stride;
    const rest = this.#rest;
    // Word by word: views of parts of an array cost more than what they copy.
    for (let word = 0; word < stride; word += 1) this.#moved[word] = rest[at * stride + word] ?? 0;
    rest.copyWithin((start + 1) * stride, start * stride, at * stride);
    for (let word = 0; word < stride; word += 1) rest[start * stride + word] = this.#moved[word] ?? 0;
  }
}

/** A fingerprint's first word as it is kept: one bit less tells used entries from free ones. */
function mark(fingerprint: Uint32Array): number {
  return ((fingerprint[0] ?? 0) | 0x80000000) >>> 0;
}

/** Times are kept in hundredths of a second, which lasts for more than a year in 32 bits. */
function hundredths(timeMs: number): number {
  return Math.min(0xffffffff, Math.ceil(timeMs / 10));
}
