// SPDX-License-Identifier: Apache-2.0
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorMessage } from '@promograph/errors';
import { PromoterError } from './promoter-error.ts';

/** The lines of a run as they happen: each is on disk before the next edge is told done. */
export interface ReceiptJournal {
  append(entry: object): void;
  close(): void;
}

/** Appends JSON lines to `file`, each with the time it records, flushed to disk. Earlier runs' lines stay. */
export function openJournal(file: string, now: () => Date): ReceiptJournal {
  const handle = guard(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    return openSync(file, 'a');
  });
  return {
    append: (entry) =>
      guard(file, () => {
        writeSync(handle, `${JSON.stringify({ time: now().toISOString(), ...entry })}\n`);
        fsyncSync(handle);
      }),
    close: () => closeSync(handle),
  };
}

function guard<Result>(file: string, write: () => Result): Result {
  try {
    return write();
  } catch (cause) {
    throw new PromoterError('PROMOTER_STATE', `cannot write ${file}: ${errorMessage(cause)}`, {
      cause,
      hint: 'Nothing was lost: run again with a writable --state-dir, and what is done is found done.',
    });
  }
}
