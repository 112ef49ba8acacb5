// SPDX-License-Identifier: Apache-2.0
import { RegistryError } from './registry-error.ts';
import { wireFailure } from './wire-failure.ts';
import type { WireAnswer } from './wire.ts';

/** Which answer is read, and how much of it. */
export interface BodyLimit {
  readonly method: string;
  readonly url: string;
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** The whole body, or `REGISTRY_PROTOCOL` when it is larger than the limit: nothing beyond is read. */
export async function readBody(answer: WireAnswer, limit: BodyLimit): Promise<Buffer> {
  if (Number(answer.headers['content-length'] ?? 0) > limit.maxBytes) throw tooLarge(answer, limit);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of answer.body) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length > limit.maxBytes) throw tooLarge(answer, limit);
    }
  } catch (error) {
    throw wireFailure(error, limit);
  }
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks);
}

/** The body as JSON of any shape, or `REGISTRY_PROTOCOL`. */
export async function readJson(answer: WireAnswer, limit: BodyLimit): Promise<unknown> {
  const body = await readBody(answer, limit);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // No cause: the parser's message quotes the text, and that may be a token.
    throw new RegistryError('REGISTRY_PROTOCOL', 'an answer that is not JSON', { ...limit, status: answer.status });
  }
}

function tooLarge(answer: WireAnswer, limit: BodyLimit): RegistryError {
  answer.body.on('error', () => undefined).destroy();
  const { method, url, maxBytes } = limit;
  return new RegistryError('REGISTRY_PROTOCOL', `an answer larger than ${maxBytes} bytes`, { method, url });
}
