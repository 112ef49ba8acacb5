// SPDX-License-Identifier: Apache-2.0

/** 32-bit words of a key: 128 random bits, new for each process. */
export type FingerprintKey = Uint32Array;

/** Words of one fingerprint. */
export const FINGERPRINT_WORDS = 4;

const COMPRESSION_ROUNDS = 2;
const FINAL_ROUNDS = 4;
/** Low and high halves of v0 to v3, "somepseudorandomlygeneratedbytes". */
const INITIAL = [0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462];

/**
 * SipHash-2-4 with 128 bits of output (Aumasson and Bernstein) over the low bytes of a text's characters. Keyed, so that
 * nobody outside can choose texts that collide; in plain code, so that it runs on edges and needs no object per call.
 */
export class Fingerprinter {
  readonly #key: FingerprintKey;
  readonly #state: Int32Array = new Int32Array(8);

  constructor(key: FingerprintKey) {
    if (key.length !== FINGERPRINT_WORDS) throw new RangeError('a fingerprint key has four words');
    this.#key = key;
  }

  /** Writes the fingerprint of `text` into `out`, four words. */
  write(text: string, out: Uint32Array): void {
    const v = this.#state;
    this.#start(v);
    const whole = text.length & ~7;
    for (let at = 0; at < whole; at += 8) absorb(v, wordAt(text, at), wordAt(text, at + 4));
    let low = 0;
    let high = text.length << 24;
    for (let at = whole; at < text.length; at += 1) {
      const byte = (text.charCodeAt(at) & 0xff) << ((at & 3) << 3);
      if (at - whole < 4) low |= byte;
      else high |= byte;
    }
    absorb(v, low, high);
    finish(v, out);
  }

  #start(v: Int32Array): void {
    for (let half = 0; half < 8; half += 1) v[half] = (INITIAL[half] ?? 0) ^ (this.#key[half & 3] ?? 0);
    v[2] = (v[2] ?? 0) ^ 0xee;
  }
}

function wordAt(text: string, at: number): number {
  return (
    (text.charCodeAt(at) & 0xff) |
    ((text.charCodeAt(at + 1) & 0xff) << 8) |
    ((text.charCodeAt(at + 2) & 0xff) << 16) |
    (text.charCodeAt(at + 3) << 24)
  );
}

function absorb(v: Int32Array, low: number, high: number): void {
  v[6] = (v[6] ?? 0) ^ low;
  v[7] = (v[7] ?? 0) ^ high;
  mix(v, COMPRESSION_ROUNDS);
  v[0] = (v[0] ?? 0) ^ low;
  v[1] = (v[1] ?? 0) ^ high;
}

function finish(v: Int32Array, out: Uint32Array): void {
  v[4] = (v[4] ?? 0) ^ 0xee;
  mix(v, FINAL_ROUNDS);
  out[0] = fold(v, 0);
  out[1] = fold(v, 1);
  v[2] = (v[2] ?? 0) ^ 0xdd;
  mix(v, FINAL_ROUNDS);
  out[2] = fold(v, 0);
  out[3] = fold(v, 1);
}

function fold(v: Int32Array, half: 0 | 1): number {
  return (v[half] ?? 0) ^ (v[half + 2] ?? 0) ^ (v[half + 4] ?? 0) ^ (v[half + 6] ?? 0);
}

/**
 * SipRounds on halves of 64-bit words: integers are of 32 bits here, and BigInt is fifty times slower. Halves are turned
 * in variables of their own, since loads and stores in between cost twice the time.
 */
function mix(v: Int32Array, rounds: number): void {
  let { 0: a = 0, 1: aHigh = 0, 2: b = 0, 3: bHigh = 0, 4: c = 0, 5: cHigh = 0, 6: d = 0, 7: dHigh = 0 } = v;
  for (let round = 0; round < rounds; round += 1) {
    // A turn by 32 bits is an exchange of halves: of a here, of c at the end.
    let sum = (a + b) | 0;
    a = (aHigh + bHigh + carry(sum, a, b)) | 0;
    aHigh = sum;
    let low = turn(b, bHigh, 13) ^ aHigh;
    bHigh = turn(bHigh, b, 13) ^ a;
    b = low;
    sum = (c + d) | 0;
    cHigh = (cHigh + dHigh + carry(sum, c, d)) | 0;
    c = sum;
    low = turn(d, dHigh, 16) ^ c;
    dHigh = turn(dHigh, d, 16) ^ cHigh;
    d = low;
    sum = (a + d) | 0;
    aHigh = (aHigh + dHigh + carry(sum, a, d)) | 0;
    a = sum;
    low = turn(d, dHigh, 21) ^ a;
    dHigh = turn(dHigh, d, 21) ^ aHigh;
    d = low;
    sum = (c + b) | 0;
    c = (cHigh + bHigh + carry(sum, c, b)) | 0;
    cHigh = sum;
    low = turn(b, bHigh, 17) ^ cHigh;
    bHigh = turn(bHigh, b, 17) ^ c;
    b = low;
  }
  v[0] = a;
  v[1] = aHigh;
  v[2] = b;
  v[3] = bHigh;
  v[4] = c;
  v[5] = cHigh;
  v[6] = d;
  v[7] = dHigh;
}

/** What the sum of two halves leaves for the high ones; by arithmetic, since a branch would be guessed wrong half of the time. */
function carry(sum: number, one: number, other: number): number {
  return ((one & other) | ((one | other) & ~sum)) >>> 31;
}

/** One half of a word turned to the left: its own bits, filled up from the other half. */
function turn(half: number, other: number, bits: number): number {
  return (half << bits) | (other >>> (32 - bits));
}
