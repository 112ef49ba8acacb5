// SPDX-License-Identifier: Apache-2.0
import type { ContentRequest } from './request-form.ts';

/** One thing that may not be had any more; at least a repository or a digest. */
export interface Takedown {
  readonly repository?: string;
  readonly digest?: string;
  readonly tag?: string;
}

/** What may not be had any more, looked up by name. */
export class Takedowns {
  readonly #entries: ReadonlySet<string>;

  constructor(takedowns: readonly Takedown[]) {
    this.#entries = new Set(
      takedowns.map(({ repository = '', digest, tag }) => `${repository} ${digest ?? tag ?? ''}`),
    );
  }

  /** Whether the request names a repository that is down, or a digest or tag that is, there or everywhere. */
  has({ repository, reference, kind }: ContentRequest): boolean {
    if (this.#entries.size === 0) return false;
    if (this.#entries.has(`${repository} `)) return true;
    if (reference === '') return false;
    if (this.#entries.has(`${repository} ${reference}`)) return true;
    return kind !== 'manifest-by-tag' && this.#entries.has(` ${reference}`);
  }
}
