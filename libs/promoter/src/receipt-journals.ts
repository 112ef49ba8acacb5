// SPDX-License-Identifier: Apache-2.0
import type { EdgeResult } from './edge-result.ts';
import { openJournal, type ReceiptJournal } from './receipt-journal.ts';
import { receiptEdgeOf } from './receipt-of.ts';
import { artifactPath } from './state-dir.ts';

/** A journal per project, opened when its first edge ends. A full disk stops no edge: it is told at the end. */
export class ReceiptJournals {
  readonly #stateDir: string;
  readonly #now: () => Date;
  readonly #open = new Map<string, ReceiptJournal>();
  readonly #failures: unknown[] = [];

  constructor(stateDir: string, now: () => Date) {
    this.#stateDir = stateDir;
    this.#now = now;
  }

  append(result: EdgeResult): void {
    const { project } = result.planned.edge;
    try {
      const path = artifactPath(this.#stateDir, project, 'promote.jsonl');
      const journal = this.#open.get(project) ?? openJournal(path, this.#now);
      this.#open.set(project, journal);
      journal.append(receiptEdgeOf(result));
    } catch (error) {
      this.#failures.push(error);
    }
  }

  throwIfBroken(): void {
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  close(): void {
    for (const journal of this.#open.values()) journal.close();
  }
}
