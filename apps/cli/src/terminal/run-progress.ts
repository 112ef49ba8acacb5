// SPDX-License-Identifier: Apache-2.0
import type { PromoterEvent } from '@promograph/promoter';

/** What a run has told so far; texts are made from it. */
export interface ProgressCounts {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly copiedBytes: number;
  readonly mountedBytes: number;
}

/** Adds up the events of a run. */
export class RunProgress {
  #counts: ProgressCounts = { stage: '', done: 0, total: 0, copiedBytes: 0, mountedBytes: 0 };

  get counts(): ProgressCounts {
    return this.#counts;
  }

  observe(event: PromoterEvent): void {
    switch (event.type) {
      case 'request':
        // The first request says that reading began, long before the first repository is done.
        if (this.#counts.stage === '') this.#counts = { ...this.#counts, stage: 'read' };
        return;
      case 'progress':
        this.#counts = { ...this.#counts, stage: event.stage, done: event.done, total: event.total };
        return;
      case 'bytes': {
        const { copiedBytes, mountedBytes } = event;
        // The first bytes move before the first edge is done, while the counts still are those of reading.
        const isNew = this.#counts.stage !== 'promote';
        const base = isNew ? { stage: 'promote', done: 0, total: 0 } : this.#counts;
        this.#counts = { ...base, copiedBytes, mountedBytes };
        return;
      }
      default:
    }
  }
}

/** Names of stages in a progress line, and what each counts. */
const STAGES: Readonly<Record<string, readonly [doing: string, unit: string]>> = {
  read: ['reading registries', 'repositories'],
  plan: ['planning', 'projects'],
  validate: ['validating', 'projects'],
  promote: ['promoting', 'edges'],
  gate: ['checking evidence', 'digests'],
  sign: ['signing', 'digests'],
  attest: ['attesting', 'digests'],
  verify: ['verifying', 'images'],
  replicate: ['replicating', 'signatures'],
};

/** One line on how far a run is: `promoting: 3 of 40 edges, 12.3 MiB copied`. */
export function progressLine(counts: ProgressCounts, printBytes: (bytes: number) => string): string {
  const [doing, unit] = STAGES[counts.stage] ?? ['starting', ''];
  const parts = counts.total === 0 ? [] : [`${counts.done} of ${counts.total} ${unit}`];
  if (counts.copiedBytes > 0) parts.push(`${printBytes(counts.copiedBytes)} copied`);
  if (counts.mountedBytes > 0) parts.push(`${printBytes(counts.mountedBytes)} mounted`);
  return parts.length === 0 ? doing : `${doing}: ${parts.join(', ')}`;
}
