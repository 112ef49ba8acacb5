// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream';
import { type Descriptor, digestOf } from '@promograph/oci';
import { describe, expect, it } from 'vitest';
import { readVerified } from './fan-out-source.ts';

const right = Buffer.from('0123456789');
const wrong = Buffer.from('x123456789');
const blob: Descriptor = {
  digest: digestOf(right),
  sizeBytes: right.length,
  mediaType: 'application/octet-stream',
  artifactType: null,
  platform: null,
  annotations: {},
  isForeign: false,
};

type Piece = Buffer | Error;

interface Reading {
  /** What was given on, until the end or the error. */
  readonly text: string;
  readonly error: unknown;
  readonly resumedAt: readonly number[];
}

/** Reads a source whose first answer is the first list of pieces, and so on; the last one repeats. */
async function read(...answers: readonly (readonly Piece[])[]): Promise<Reading> {
  const resumedAt: number[] = [];
  let opened = 0;
  let text = '';
  const chunks = readVerified({
    blob,
    open: async () => {
      const pieces = answers[Math.min(opened, answers.length - 1)] ?? [];
      opened += 1;
      // Object mode: a stream of bytes would drop the empty pieces.
      return { body: Readable.from(sent(pieces)), sizeBytes: null };
    },
    retry: { attempts: 4, baseMs: 1, capMs: 1 },
    random: () => 0,
    sleep: async () => undefined,
    signal: new AbortController().signal,
    onResume: (atByte) => resumedAt.push(atByte),
  });
  try {
    for await (const chunk of chunks) text += chunk.toString();
    return { text, error: null, resumedAt };
  } catch (error) {
    return { text, error, resumedAt };
  }
}

async function* sent(pieces: readonly Piece[]): AsyncGenerator<Buffer, void, void> {
  for (const piece of pieces) {
    if (piece instanceof Error) throw piece;
    yield piece;
  }
}

function reset(): Error {
  return Object.assign(new Error('reset'), { code: 'ECONNRESET' });
}

const EMPTY = Buffer.alloc(0);

describe('readVerified', () => {
  it.each<[string, readonly (readonly Piece[])[]]>([
    ['in one piece', [[right]]],
    ['in many', [[right.subarray(0, 3), right.subarray(3, 4), right.subarray(4)]]],
    ['with empty ones between', [[right.subarray(0, 3), EMPTY, right.subarray(3), EMPTY]]],
    [
      'broken off in the middle of a piece',
      [
        [right.subarray(0, 4), reset()],
        [right.subarray(0, 3), right.subarray(3)],
      ],
    ],
    ['broken off behind the last byte', [[right, reset()], [right]]],
    ['broken off before the first', [[reset()], [right]]],
  ])('gives on all bytes that came %s', async (_, answers) => {
    expect(await read(...answers)).toMatchObject({ text: right.toString(), error: null });
  });

  it.each<[string, readonly (readonly Piece[])[]]>([
    ['wrong', [[wrong.subarray(0, 6), wrong.subarray(6)]]],
    ['wrong in one piece', [[wrong]]],
    ['wrong, followed by nothing', [[wrong.subarray(0, 6), wrong.subarray(6), EMPTY]]],
    ['wrong, followed by more', [[wrong.subarray(0, 6), wrong.subarray(6), Buffer.from('!')]]],
    ['wrong, and broken off behind the last', [[wrong.subarray(0, 6), wrong.subarray(6), reset()], [wrong]]],
    ['too few', [[right.subarray(0, 6), right.subarray(6, 9)]]],
  ])('keeps back the last ones of bytes that are %s', async (_, answers) => {
    const { error, text } = await read(...answers);

    expect(error).toMatchObject({ code: 'REGISTRY_DIGEST_MISMATCH' });
    expect(text.length).toBeLessThan(blob.sizeBytes);
  });

  it('goes on where it was, and gives up when the source breaks off too often', async () => {
    const { error, resumedAt, text } = await read(
      [right.subarray(0, 4), reset()],
      [right.subarray(0, 6), reset()],
      [right.subarray(0, 2), reset()],
    );

    expect(error).toMatchObject({ code: 'ECONNRESET' });
    expect(resumedAt).toEqual([4, 6, 6]);
    expect(text).toBe('0123');
  });
});
