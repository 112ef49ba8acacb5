// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange } from './exchange.ts';
import { ConnectionLost } from './protocol-failure.ts';
import { resetConnection } from './reset-connection.ts';

type Chunks = AsyncIterable<Buffer>;

const SLICES_PER_SECOND = 20;

/** The answer's body as the fault of the exchange leaves it. */
export function faultyResponseBody(chunks: Chunks, exchange: Exchange): Chunks {
  const { fault } = exchange;
  if (fault?.kind === 'truncate-body') return truncate(chunks, fault.bytes, exchange);
  if (fault?.kind === 'corrupt-body') return corrupt(chunks, fault.atByte);
  if (fault?.kind === 'stall-body') return stall(chunks, fault, exchange);
  if (fault?.kind === 'throttle') return throttle(chunks, fault.bytesPerSecond);
  return chunks;
}

/** The request's body as the fault of the exchange lets it through; counts what is read. */
export function faultyRequestBody(exchange: Exchange): Chunks {
  const { fault } = exchange;
  const chunks = received(exchange);
  if (fault?.kind === 'cut-upload') return cutUpload(chunks, fault.bytes, exchange);
  if (fault?.kind === 'throttle') return throttle(chunks, fault.bytesPerSecond);
  return chunks;
}

async function* received(exchange: Exchange): Chunks {
  try {
    for await (const chunk of exchange.request as AsyncIterable<Buffer>) {
      exchange.record.bytesIn += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    throw new ConnectionLost('the client went away', { cause });
  }
}

async function* truncate(chunks: Chunks, bytes: number, exchange: Exchange): Chunks {
  yield* head(chunks, bytes);
  const { socket } = exchange.request;
  while (!socket.destroyed && socket.writableLength + exchange.response.writableLength > 0) await pause(1);
  // An orderly end: a reset would overtake bytes that the client has not read yet.
  socket.destroy();
  throw new ConnectionLost('truncated on purpose');
}

async function* cutUpload(chunks: Chunks, bytes: number, exchange: Exchange): Chunks {
  const { socket } = exchange.request;
  yield* head(chunks, bytes);
  resetConnection(socket);
  throw new ConnectionLost('cut on purpose');
}

async function* head(chunks: Chunks, bytes: number): Chunks {
  let left = bytes;
  if (left <= 0) return;
  for await (const chunk of chunks) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

function pause(ms: number): Promise<void> {
  return sleep(ms, undefined, { ref: false });
}

async function* corrupt(chunks: Chunks, atByte: number): Chunks {
  let offset = 0;
  for await (const chunk of chunks) {
    const index = atByte - offset;
    offset += chunk.length;
    if (index < 0 || index >= chunk.length) {
      yield chunk;
      continue;
    }
    const copy = Buffer.from(chunk);
    copy.writeUInt8(copy.readUInt8(index) ^ 0xff, index);
    yield copy;
  }
}

async function* stall(chunks: Chunks, fault: { bytes: number; ms?: number }, exchange: Exchange): Chunks {
  let sent = 0;
  for await (const chunk of chunks) {
    const before = sent;
    sent += chunk.length;
    if (before > fault.bytes || sent <= fault.bytes) {
      yield chunk;
      continue;
    }
    const split = fault.bytes - before;
    if (split > 0) yield chunk.subarray(0, split);
    const ended = exchange.response.destroyed ? Promise.resolve() : once(exchange.response, 'close');
    await (fault.ms === undefined ? ended : Promise.race([ended, pause(fault.ms)]));
    yield chunk.subarray(split);
  }
}

async function* throttle(chunks: Chunks, bytesPerSecond: number): Chunks {
  const slice = Math.max(1, Math.floor(bytesPerSecond / SLICES_PER_SECOND));
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += slice) {
      const part = chunk.subarray(start, start + slice);
      await pause((part.length * 1000) / bytesPerSecond);
      yield part;
    }
  }
}
