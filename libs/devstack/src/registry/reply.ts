// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises';
import type { OutgoingHttpHeaders } from 'node:http';
import type { Exchange } from './exchange.ts';
import { faultyResponseBody } from './body-faults.ts';
import { resetConnection } from './reset-connection.ts';

const CHUNK_BYTES = 256 * 1024;

/** Part of a file; `end` is the position of its last byte. */
export interface FileRange {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** Status, headers and what to send. */
export interface Reply {
  readonly status: number;
  /** A list goes out as one header line for each of its values. */
  readonly headers?: Readonly<Record<string, string | number | string[]>>;
  readonly body?: Buffer | FileRange;
  /** Announced length where it is not the body's own: answers to HEAD. */
  readonly length?: number;
}

/** Answers the exchange as its fault lets it. */
export async function reply(exchange: Exchange, answer: Reply): Promise<void> {
  const { response, fault, record } = exchange;
  if (fault?.kind === 'drop-response') {
    resetConnection(exchange.request.socket);
    return;
  }
  record.status = answer.status;
  response.writeHead(answer.status, headersOf(exchange, answer));
  const { body } = answer;
  if (exchange.method === 'HEAD' || body === undefined) {
    response.end();
  } else if ('file' in body) {
    await stream(exchange, fileChunks(body));
  } else if (touchesBody(exchange)) {
    await stream(exchange, single(body));
  } else {
    record.bytesOut += body.length;
    response.end(body);
  }
}

/** Answers with JSON. */
export function replyJson(exchange: Exchange, status: number, options: JsonOptions): Promise<void> {
  const body = Buffer.from(JSON.stringify(options.value));
  return reply(exchange, { status, headers: { 'content-type': 'application/json', ...options.headers }, body });
}

interface JsonOptions {
  readonly value: unknown;
  readonly headers?: Readonly<Record<string, string | number>>;
}

function headersOf(exchange: Exchange, answer: Reply): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {
    'docker-distribution-api-version': 'registry/2.0',
    ...answer.headers,
  };
  if (answer.status !== 204) headers['content-length'] = answer.length ?? lengthOf(answer.body);
  if (exchange.fault?.kind === 'omit-header') delete headers[exchange.fault.name.toLowerCase()];
  return headers;
}

function lengthOf(body: Reply['body']): number {
  if (body === undefined) return 0;
  return 'file' in body ? body.end - body.start + 1 : body.length;
}

function touchesBody({ fault }: Exchange): boolean {
  return fault !== undefined && ['truncate-body', 'corrupt-body', 'stall-body', 'throttle'].includes(fault.kind);
}

async function* single(body: Buffer): AsyncIterable<Buffer> {
  yield body;
}

/**
 * The bytes of a file, in one buffer that is used again for each chunk: a chunk is valid until the next one is asked for.
 * Fresh buffers would cost a third of the time in garbage collection.
 */
async function* fileChunks({ file, start, end }: FileRange): AsyncIterable<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(1, end - start + 1)));
  const handle = await open(file, 'r');
  try {
    for (let position = start; position <= end;) {
      const length = Math.min(buffer.length, end - position + 1);
      const { bytesRead } = await handle.read(buffer, 0, length, position);
      if (bytesRead === 0) throw new Error(`${file} is shorter than it was`);
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function stream(exchange: Exchange, chunks: AsyncIterable<Buffer>): Promise<void> {
  const { response, record } = exchange;
  response.flushHeaders();
  for await (const chunk of faultyResponseBody(chunks, exchange)) {
    if (response.destroyed) return;
    record.bytesOut += chunk.length;
    await written(exchange, chunk);
  }
  response.end();
}

/** Waits until the system has the chunk, or the connection is gone. */
function written({ response }: Exchange, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('close', done);
      resolve();
    };
    response.once('close', done);
    response.write(chunk, done);
  });
}
