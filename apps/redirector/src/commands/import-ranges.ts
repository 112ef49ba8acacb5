// SPDX-License-Identifier: Apache-2.0
import { errorMessage } from '@promograph/errors';
import { isLoopbackHost } from '@promograph/oci';
import { printRanges, readCloudRanges } from '@promograph/redirect';
import { readTextFile } from '../config/load-settings.ts';
import { RedirectorError } from '../redirector-error.ts';

const LARGEST_BYTES = 64 * 1024 * 1024;
const DOWNLOAD_LIMIT_MS = 60_000;

/**
 * Reads published files of clouds, from files and https URLs, into one table; of equal networks the first counts. Errors:
 * `REDIRECT_RANGES_INVALID`, `REDIRECTOR_FILE_UNREADABLE`, `REDIRECTOR_DOWNLOAD_FAILED`.
 */
export async function importRanges(sources: readonly string[]): Promise<string> {
  const ranges = [];
  for (const source of sources) {
    const text = /^https?:/.test(source) ? await download(source) : await readTextFile(source, LARGEST_BYTES);
    ranges.push(...readCloudRanges(text, source));
  }
  return printRanges(ranges);
}

async function download(url: string): Promise<string> {
  const fail = (reason: string, cause?: unknown): RedirectorError =>
    new RedirectorError(
      'REDIRECTOR_DOWNLOAD_FAILED',
      `cannot download ${url}: ${reason}`,
      cause === undefined ? {} : { cause },
    );
  if (!URL.canParse(url)) throw fail('not a URL');
  const { protocol, host } = new URL(url);
  if (protocol !== 'https:' && !isLoopbackHost(host)) throw fail('only https is downloaded');
  try {
    // Loaded here: a server downloads nothing, and needs none of it.
    const { request } = await import('undici');
    const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(DOWNLOAD_LIMIT_MS) });
    if (statusCode !== 200) throw fail(`status ${statusCode}`);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > LARGEST_BYTES) throw fail(`larger than ${LARGEST_BYTES} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    throw error instanceof RedirectorError ? error : fail(errorMessage(error), error);
  }
}
