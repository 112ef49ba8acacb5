// SPDX-License-Identifier: Apache-2.0
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { textOutput } from './text-output.ts';

/** A stream as `process.stdout` is one, with what it was given. */
function fakeStream(shape: { isTTY?: boolean; columns?: number; error?: Error }): {
  stream: NodeJS.WriteStream;
  texts: string[];
} {
  const texts: string[] = [];
  const emitter = new EventEmitter();
  const write = (text: string, done: () => void): void => {
    texts.push(text);
    if (shape.error) emitter.emit('error', shape.error);
    done();
  };
  const stream = Object.assign(emitter, { ...shape, write, writable: true, getColorDepth: () => 1 });
  return { stream: stream as unknown as NodeJS.WriteStream, texts };
}

describe('textOutput', () => {
  it.each([
    ['a terminal', { isTTY: true, columns: 80 }, 80],
    ['a terminal that does not know its size', { isTTY: true, columns: 0 }, null],
    ['a pipe', {}, null],
  ])('tells the columns of %s', (_, shape, expected) => {
    expect(textOutput(fakeStream(shape).stream).columns).toBe(expected);
  });

  it('drops what follows once the reader went away', async () => {
    const { stream, texts } = fakeStream({ error: Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }) });
    const output = textOutput(stream);

    await output.write('one');
    await output.write('two');

    expect(texts).toEqual(['one']);
  });

  it('does not hide other failures, such as a full disk', async () => {
    const { stream } = fakeStream({ error: Object.assign(new Error('no space'), { code: 'ENOSPC' }) });

    await expect(textOutput(stream).write('one')).rejects.toThrow('no space');
  });
});
