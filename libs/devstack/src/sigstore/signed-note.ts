// SPDX-License-Identifier: Apache-2.0

/** A state of a log to be signed as a checkpoint. */
export interface Checkpoint {
  /** First line of the note; its first word is also the signer's name. */
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** Key hint (4 bytes) and signature function of a note's signer. */
export interface NoteSigner {
  readonly keyHint: Buffer;
  readonly sign: (note: Buffer) => Buffer;
}

/** A checkpoint as a signed note (C2SP tlog-checkpoint). */
export function signCheckpoint({ origin, size, root }: Checkpoint, signer: NoteSigner): string {
  const note = `${origin}\n${size}\n${root.toString('base64')}\n`;
  const name = origin.split(' ', 1)[0] ?? origin;
  const signature = Buffer.concat([signer.keyHint, signer.sign(Buffer.from(note))]).toString('base64');
  return `${note}\n\u2014 ${name} ${signature}\n`;
}
