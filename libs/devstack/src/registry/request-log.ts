// SPDX-License-Identifier: Apache-2.0
import type { RequestCounts, RequestRecord } from './request-record.ts';

/** A record while its request is under way. */
export type OpenRecord = { -readonly [Key in keyof RequestRecord]: RequestRecord[Key] };

/** Collects records and sums of requests. */
export class RequestLog {
  readonly #keep: boolean;
  #records: OpenRecord[] = [];
  #byKind = new Map<string, number>();
  #byStatus = new Map<string, number>();
  #total = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  #connections = 0;

  constructor(keep: boolean) {
    this.#keep = keep;
  }

  /** Takes up a request of `kind` (`manifest`, `blob`, ...). */
  open(record: OpenRecord, kind: string): void {
    if (this.#keep) this.#records.push(record);
    this.#total += 1;
    increment(this.#byKind, `${record.method} ${kind}`);
  }

  /** Counts an ended request. */
  finish(record: OpenRecord): void {
    record.finished = true;
    this.#bytesIn += record.bytesIn;
    this.#bytesOut += record.bytesOut;
    increment(this.#byStatus, String(record.status));
  }

  connected(): void {
    this.#connections += 1;
  }

  clear(): void {
    this.#records = [];
    this.#byKind = new Map();
    this.#byStatus = new Map();
    this.#total = this.#bytesIn = this.#bytesOut = this.#connections = 0;
  }

  get records(): readonly RequestRecord[] {
    return this.#records;
  }

  get counts(): RequestCounts {
    return {
      total: this.#total,
      byKind: Object.fromEntries(this.#byKind),
      byStatus: Object.fromEntries(this.#byStatus),
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      connections: this.#connections,
    };
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
