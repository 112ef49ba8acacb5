// SPDX-License-Identifier: Apache-2.0

/** 32-bit words of a key: 128 random bits, new for each process. */
export type FingerprintKey = Uint32Array;

/** Words of one fingerprint. */
export const FINGERPRINT_WORDS = 4;

/** What a text is hashed from on: v0 to v3 as halves, the low one first. */
export type FingerprintStart = Int32Array;

const COMPRESSION_ROUNDS = 1;
const FINAL_ROUNDS = 3;
/** What the output of 128 bits, and its second half, are told apart by. */
const LONG_OUTPUT = 0xee;
const SECOND_HALF = 0xdd;
/** Low and high halves of v0 to v3, "somepseudorandomlygeneratedbytes". */
const INITIAL = [0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462];
/** Bytes of a block of SipHash, which is one 64-bit word. */
const BLOCK = 8;

/**
 * SipHash-1-3 with 128 bits of output (Aumasson and Bernstein) over the low bytes of a text's characters: the variant that
 * hash tables use whose keys and hashes nobody sees. Keyed, so that nobody outside can choose texts that collide; in plain
 * code, so that it runs on edges and needs no object per call.
 */
export class Fingerprinter {
  readonly #start: FingerprintStart;
  readonly #state: Int32Array = new Int32Array(8);

  constructor(key: FingerprintKey) {
    if (key.length !== FINGERPRINT_WORDS) throw new RangeError('a fingerprint key has four words');
    this.#start = Int32Array.from(INITIAL, (half, at) => half ^ (key[at & 3] ?? 0));
    this.#start[2] = (this.#start[2] ?? 0) ^ LONG_OUTPUT;
  }

  /** Where texts start that all stand behind one prefix, which is hashed once. Prefixes hold no zero characters. */
  behind(prefix: string): FingerprintStart {
    const start = this.#start.slice();
    // In whole blocks, so that a last one of zeros and the length follows: no prefix and text are taken for others.
    mix(start, prefix.padEnd(Math.ceil(prefix.length / BLOCK) * BLOCK, '\0'), COMPRESSION_ROUNDS);
    return start;
  }

  /** Writes the fingerprint of `text` into `out`, four words. */
  write(text: string, out: Uint32Array, start: FingerprintStart = this.#start): void {
    const v = this.#state;
    for (let half = 0; half < 8; half += 1) v[half] = start[half] ?? 0;
    mix(v, text, COMPRESSION_ROUNDS);
    v[4] = (v[4] ?? 0) ^ LONG_OUTPUT;
    mix(v, '', FINAL_ROUNDS);
    out[0] = fold(v, 0);
    out[1] = fold(v, 1);
    v[2] = (v[2] ?? 0) ^ SECOND_HALF;
    mix(v, '', FINAL_ROUNDS);
    out[2] = fold(v, 0);
    out[3] = fold(v, 1);
  }
}

/**
 * Takes a text in, with its length behind it; the empty one is a block of zeros. Integers are of 32 bits here, and BigInt
 * is fifty times slower: words of 64 bits are halves, kept in variables of their own from the first block to the last,
 * since loads and stores in between cost half of the time.
 */
function mix(v: Int32Array, text: string, rounds: number): void {
  let { 0: a = 0, 1: aHigh = 0, 2: b = 0, 3: bHigh = 0, 4: c = 0, 5: cHigh = 0, 6: d = 0, 7: dHigh = 0 } = v;
  for (let at = 0; at <= text.length; at += BLOCK) {
    const isLast = at + BLOCK > text.length;
    const low = isLast ? lastAt(text, at) : wordAt(text, at);
    const high = isLast ? lastAt(text, at + 4) | (text.length << 24) : wordAt(text, at + 4);
    d ^= low;
    dHigh ^= high;
    for (let round = 0; round < rounds; round += 1) {
      // A turn by 32 bits is an exchange of halves: of a here, of c at the end.
      let half = (a + b) | 0;
      a = (aHigh + bHigh + carry(a, b)) | 0;
      aHigh = half;
      half = turn(b, bHigh, 13) ^ aHigh;
      bHigh = turn(bHigh, b, 13) ^ a;
      b = half;
      cHigh = (cHigh + dHigh + carry(c, d)) | 0;
      c = (c + d) | 0;
      half = turn(d, dHigh, 16) ^ c;
      dHigh = turn(dHigh, d, 16) ^ cHigh;
      d = half;
      aHigh = (aHigh + dHigh + carry(a, d)) | 0;
      a = (a + d) | 0;
      half = turn(d, dHigh, 21) ^ a;
      dHigh = turn(dHigh, d, 21) ^ aHigh;
      d = half;
      half = (c + b) | 0;
      c = (cHigh + bHigh + carry(c, b)) | 0;
      cHigh = half;
      half = turn(b, bHigh, 17) ^ cHigh;
      bHigh = turn(bHigh, b, 17) ^ c;
      b = half;
    }
    a ^= low;
    aHigh ^= high;
  }
  [v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]] = [a, aHigh, b, bHigh, c, cHigh, d, dHigh];
}

/** Four characters as a word, the first lowest. */
function wordAt(text: string, at: number): number {
  return (
    (text.charCodeAt(at) & 0xff) |
    ((text.charCodeAt(at + 1) & 0xff) << 8) |
    ((text.charCodeAt(at + 2) & 0xff) << 16) |
    (text.charCodeAt(at + 3) << 24)
  );
}

/** As `wordAt`, of as many characters as there are. */
function lastAt(text: string, from: number): number {
  const end = Math.min(text.length, from + 4);
  let word = 0;
  for (let at = from; at < end; at += 1) word |= (text.charCodeAt(at) & 0xff) << ((at & 3) << 3);
  return word;
}

function fold(v: Int32Array, half: 0 | 1): number {
  return (v[half] ?? 0) ^ (v[half + 2] ?? 0) ^ (v[half + 4] ?? 0) ^ (v[half + 6] ?? 0);
}

/** What the sum of two halves leaves for the high ones; by arithmetic, since a branch would be guessed wrong half of the time. */
function carry(one: number, other: number): number {
  return ((one & other) | ((one | other) & ~(one + other))) >>> 31;
}

/** One half of a word turned to the left: its own bits, filled up from the other half. */
function turn(half: number, other: number, bits: number): number {
  return (half << bits) | (other >>> (32 - bits));
}
