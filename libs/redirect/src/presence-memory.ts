// SPDX-License-Identifier: Apache-2.0
import type { Question } from './decide.ts';
import { FINGERPRINT_WORDS, type Fingerprinter } from './fingerprint.ts';
import { FingerprintTable } from './fingerprint-table.ts';
import type { ProbePolicy } from './policy.ts';

/** Misses and tags end soon, and their number is that of the questions that were allowed. */
const SHORT_TERM_CAPACITY = 65_536;

/**
 * What backends were found to have: digests for as long as there is room, since what they name never changes; tags and
 * misses for the configured time. Misses have a table of their own, so that a flood of them forgets nothing else.
 */
export class PresenceMemory {
  readonly #fingerprinter: Fingerprinter;
  #policy: ProbePolicy;
  readonly #digests: FingerprintTable;
  readonly #tags: FingerprintTable = new FingerprintTable({ capacity: SHORT_TERM_CAPACITY, isTimed: true });
  readonly #misses: FingerprintTable = new FingerprintTable({ capacity: SHORT_TERM_CAPACITY, isTimed: true });
  readonly #scratch: Uint32Array = new Uint32Array(FINGERPRINT_WORDS);

  constructor(fingerprinter: Fingerprinter, policy: ProbePolicy) {
    this.#fingerprinter = fingerprinter;
    this.#policy = policy;
    this.#digests = new FingerprintTable({ capacity: policy.remember, isTimed: false });
  }

  /** Goes on under another policy. False when that wants a table of another size, and then nothing changed. */
  adopt(policy: ProbePolicy): boolean {
    if (policy.remember !== this.#policy.remember) return false;
    this.#policy = policy;
    return true;
  }

  /** Entries by table. */
  get sizes(): { readonly digests: number; readonly tags: number; readonly misses: number } {
    return { digests: this.#digests.size, tags: this.#tags.size, misses: this.#misses.size };
  }

  recall({ kind, url }: Question, nowMs: number): 'present' | 'absent' | 'unknown' {
    this.#fingerprinter.write(url, this.#scratch);
    const hits = kind === 'manifest-by-tag' ? this.#tags : this.#digests;
    if (hits.has(this.#scratch, nowMs)) return 'present';
    return this.#misses.has(this.#scratch, nowMs) ? 'absent' : 'unknown';
  }

  remember({ kind, url }: Question, presence: 'present' | 'absent', nowMs: number): void {
    this.#fingerprinter.write(url, this.#scratch);
    const isTag = kind === 'manifest-by-tag';
    if (presence === 'absent') {
      this.#misses.add(this.#scratch, nowMs + (isTag ? this.#policy.tagForMs : this.#policy.missForMs));
    } else if (isTag) {
      this.#tags.add(this.#scratch, nowMs + this.#policy.tagForMs);
    } else {
      this.#digests.add(this.#scratch);
    }
  }
}
