// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DownloadHTTPError, DownloadLengthMismatchError } from 'tuf-js/dist/error.js';
import type { ServiceClient } from '../sign/service-client.ts';

const TUF = { code: 'SIGNING_TRUST', name: 'the TUF repository' } as const;
const TIMEOUT_MS = 30_000;
const SPARE_ATTEMPTS = 2;

/** What a fetcher needs. */
export interface TufFetcherOptions {
  /** Null: nothing is fetched, every request fails. */
  readonly client: ServiceClient | null;
  /** Whether an earlier run kept something to fall back on: then a host that is away is not waited for. */
  readonly isSpare?: boolean;
  /** A directory for files on their way. */
  readonly dir: string;
}

/** Fetches for tuf-js through our own client: granted, limited, timed, retried. Remembers why it could not. */
export class TufFetcher {
  readonly #options: TufFetcherOptions;
  /** The first failure to reach the repository; tuf-js wraps it into text. */
  failure: unknown = null;

  constructor(options: TufFetcherOptions) {
    this.#options = options;
  }

  /** Whether it refuses to fetch. */
  get isOffline(): boolean {
    return this.#options.client === null;
  }

  /** The bytes at `url`. tuf-js takes 403 and 404 as "there is none". */
  async downloadBytes(url: string, maxLength: number): Promise<Buffer> {
    const { status, body } = await this.#fetch(url, maxLength);
    if (status >= 400) throw new DownloadHTTPError('not found', status);
    if (body.length > maxLength) throw new DownloadLengthMismatchError('Max length reached');
    return body;
  }

  /** Gives `handler` a file with the bytes, which is gone afterwards. */
  async downloadFile<T>(url: string, maxLength: number, handler: (file: string) => Promise<T>): Promise<T> {
    const bytes = await this.downloadBytes(url, maxLength);
    const dir = await mkdtemp(join(this.#options.dir, 'download-'));
    try {
      const file = join(dir, 'target');
      await writeFile(file, bytes);
      return await handler(file);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }

  async #fetch(url: string, maxBytes: number): Promise<{ readonly status: number; readonly body: Buffer }> {
    const { client, isSpare } = this.#options;
    try {
      if (client === null) throw new Error('not asked');
      const call = { role: TUF, method: 'GET', url: new URL(url), alsoExpects: [403, 404] } as const;
      const most = isSpare === true ? { mostAttempts: SPARE_ATTEMPTS } : {};
      return await client.call({ ...call, ...most, maxBytes, timeoutMs: TIMEOUT_MS });
    } catch (error) {
      this.failure ??= error;
      throw error;
    }
  }
}
