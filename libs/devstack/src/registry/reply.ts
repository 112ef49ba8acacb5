// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from 'node:fs';
import type { Exchange } from './exchange.ts';
import { faultyResponseBody } from './body-faults.ts';
import { resetConnection } from './reset-connection.ts';

const CHUNK_BYTES = 256 * 1024;

/** Status, headers and what to send. A file range is inclusive at both ends. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Buffer | { readonly file: string; readonly start: number; readonly end: number };
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

function headersOf(exchange: Exchange, answer: Reply): Record<string, string | number> {
  const headers: Record<string, string | number> = {
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

function fileChunks(body: { file: string; start: number; end: number }): AsyncIterable<Buffer> {
  if (body.end < body.start) return single(Buffer.alloc(0));
  return createReadStream(body.file, { start: body.start, end: body.end, highWaterMark: CHUNK_BYTES });
}

async function stream(exchange: Exchange, chunks: AsyncIterable<Buffer>): Promise<void> {
  const { response, record } = exchange;
  response.flushHeaders();
  for await (const chunk of faultyResponseBody(chunks, exchange)) {
    if (response.destroyed) return;
    record.bytesOut += chunk.length;
    if (!response.write(chunk)) await drained(exchange);
  }
  response.end();
}

function drained({ response }: Exchange): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}
