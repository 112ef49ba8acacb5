// SPDX-License-Identifier: Apache-2.0

/** What a line of the log says about a request. */
export interface LoggedRequest {
  readonly method: string;
  /** With the query, as it was sent. */
  readonly path: string;
  readonly status: number;
  readonly form: string;
  readonly region: string;
  readonly backend: string;
  readonly reason: string;
  readonly client: string;
  readonly tookMs: number;
}

const LONGEST_PATH = 512;
const FLUSH_AFTER_MS = 100;
const FLUSH_ABOVE_CHARACTERS = 64 * 1024;

/** Writes one line of JSON for a share of the requests, many lines at a time. */
export class RequestLog {
  readonly #write: (text: string) => void;
  #sample: number;
  #due = 0;
  #pending = '';
  #timer: NodeJS.Timeout | null = null;

  constructor(sample: number, write: (text: string) => void) {
    this.#sample = sample;
    this.#write = write;
  }

  /** Changes the share, 0 to 1. */
  set sample(sample: number) {
    this.#sample = sample;
  }

  /** Whether the next request is one of the share; call once for each. */
  takesNext(): boolean {
    this.#due += this.#sample;
    if (this.#due < 1) return false;
    this.#due -= 1;
    return true;
  }

  add(request: LoggedRequest): void {
    const line = { time: new Date().toISOString(), ...request, path: request.path.slice(0, LONGEST_PATH) };
    this.#pending += `${JSON.stringify({ ...line, tookMs: Math.round(request.tookMs * 1000) / 1000 })}\n`;
    if (this.#pending.length > FLUSH_ABOVE_CHARACTERS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER_MS).unref();
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#pending === '') return;
    const text = this.#pending;
    this.#pending = '';
    this.#write(text);
  }
}
