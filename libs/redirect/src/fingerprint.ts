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

/** SipRounds on halves of 64-bit words: integers are of 32 bits here, and BigInt is fifty times slower. */
function mix(v: Int32Array, rounds: number): void {
  for (let round = 0; round < rounds; round += 1) {
    step(v, 0o02, 13);
    swapHalves(v, 0);
    step(v, 0o46, 16);
    step(v, 0o06, 21);
    step(v, 0o42, 17);
    swapHalves(v, 4);
  }
}

/** `x += y`, `y = rotate(y, bits) ^ x`; the two digits of `places` say where the low halves of x and y are. */
function step(v: Int32Array, places: number, bits: number): void {
  const x = places >> 3;
  const y = places & 7;
  const low = v[y] ?? 0;
  const high = v[y + 1] ?? 0;
  const sum = ((v[x] ?? 0) >>> 0) + (low >>> 0);
  const sumHigh = (v[x + 1] ?? 0) + high + (sum > 0xffffffff ? 1 : 0);
  v[x] = sum;
  v[x + 1] = sumHigh;
  v[y] = ((low << bits) | (high >>> (32 - bits))) ^ sum;
  v[y + 1] = ((high << bits) | (low >>> (32 - bits))) ^ sumHigh;
}

function swapHalves(v: Int32Array, at: number): void {
  const low = v[at] ?? 0;
  v[at] = v[at + 1] ?? 0;
  v[at + 1] = low;
}
