// SPDX-License-Identifier: Apache-2.0
import { styleText } from 'node:util';
import type { TextOutput } from '../cli-context.ts';

/**
 * Wraps a process stream. A reader that went away (`promograph plan | head -1`) ends the output quietly: later texts are
 * dropped, and the run goes on to its end, because a promotion must not stop half-way for a closed pipe.
 */
export function textOutput(stream: NodeJS.WriteStream): TextOutput {
  let isClosed = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
    isClosed = true;
  });
  return {
    isTTY: stream.isTTY === true,
    hasColour: styleText('red', '-', { stream }) !== '-',
    columns: columnsOf(stream),
    write: (text) =>
      new Promise((resolve) => {
        if (isClosed || text === '') resolve();
        // The error, if any, also reaches the listener above, which judges it.
        else stream.write(text, () => resolve());
      }),
  };
}

/** Some terminals (of containers, of CI) say that they have no columns at all; nothing can be laid out for them. */
function columnsOf(stream: NodeJS.WriteStream): number | null {
  return stream.isTTY === true && stream.columns > 0 ? stream.columns : null;
}
