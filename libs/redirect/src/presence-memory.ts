// SPDX-License-Identifier: Apache-2.0
import type { Question } from './decide.ts';
import { FINGERPRINT_WORDS, type Fingerprinter, type FingerprintStart } from './fingerprint.ts';
import { FingerprintTable } from './fingerprint-table.ts';
import type { Backend, ProbePolicy } from './policy.ts';

/** Misses and tags end soon, and their number is that of the questions that were allowed. */
const SHORT_TERM_CAPACITY = 65_536;

/**
 * What backends were found to have: digests for as long as there is room, since what they name never changes; tags and
 * misses for the configured time. Misses have a table of their own, so that a flood of them forgets nothing else.
 */
export class PresenceMemory {
  readonly #fingerprinter: Fingerprinter;
  readonly #now: () => number;
  #policy: ProbePolicy;
  readonly #digests: FingerprintTable;
  readonly #tags: FingerprintTable = new FingerprintTable({ capacity: SHORT_TERM_CAPACITY, isTimed: true });
  readonly #misses: FingerprintTable = new FingerprintTable({ capacity: SHORT_TERM_CAPACITY, isTimed: true });
  readonly #scratch: Uint32Array = new Uint32Array(FINGERPRINT_WORDS);
  /** By base of a backend: what its contents' names are hashed behind. */
  readonly #starts: Map<string, FingerprintStart> = new Map();

  /** `now` counts milliseconds from about 0. */
  constructor(fingerprinter: Fingerprinter, policy: ProbePolicy, now: () => number) {
    this.#fingerprinter = fingerprinter;
    this.#policy = policy;
    this.#now = now;
    this.#digests = new FingerprintTable({ capacity: policy.remember, isTimed: false });
  }

  /** Goes on under another policy. False when that wants a table of another size, and then nothing changed. */
  adopt(policy: ProbePolicy): boolean {
    if (policy.remember !== this.#policy.remember) return false;
    this.#policy = policy;
    this.#starts.clear();
    return true;
  }

  /** Entries by table. */
  get sizes(): { readonly digests: number; readonly tags: number; readonly misses: number } {
    return { digests: this.#digests.size, tags: this.#tags.size, misses: this.#misses.size };
  }

  recall({ kind, backend, content }: Question): 'present' | 'absent' | 'unknown' {
    const name = this.#nameOf(backend, content);
    // What a digest names does not end, and then no clock is read.
    const isHit = kind === 'manifest-by-tag' ? this.#tags.has(name, this.#now()) : this.#digests.has(name, 0);
    if (isHit) return 'present';
    return this.#misses.size > 0 && this.#misses.has(name, this.#now()) ? 'absent' : 'unknown';
  }

  remember({ kind, backend, content }: Question, presence: 'present' | 'absent'): void {
    const name = this.#nameOf(backend, content);
    const isTag = kind === 'manifest-by-tag';
    if (presence === 'absent') {
      this.#misses.add(name, this.#now() + (isTag ? this.#policy.tagForMs : this.#policy.missForMs));
    } else if (isTag) {
      this.#tags.add(name, this.#now() + this.#policy.tagForMs);
    } else {
      this.#digests.add(name);
    }
  }

  /** Valid until the next call. */
  #nameOf({ base }: Backend, content: string): Uint32Array {
    let start = this.#starts.get(base);
    if (start === undefined) {
      start = this.#fingerprinter.behind(base);
      this.#starts.set(base, start);
    }
    this.#fingerprinter.write(content, this.#scratch, start);
    return this.#scratch;
  }
}
