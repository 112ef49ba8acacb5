// SPDX-License-Identifier: Apache-2.0
import { styleText } from 'node:util';

/** Says what happens, in plain words, between the output of the programs that the demo runs. */
export interface Narrator {
  /** A heading for what comes next. */
  readonly step: (title: string, ...lines: readonly string[]) => void;
  /** A command as a reader would type it. */
  readonly command: (text: string) => void;
  /** Something that was checked and holds. */
  readonly proven: (text: string) => void;
  /** Something that was not done, and why. */
  readonly note: (text: string) => void;
}

const bold = (text: string): string => styleText('bold', text, { stream: process.stdout });

/** Writes to stdout; bold only on a terminal. */
export function createNarrator(): Narrator {
  let steps = 0;
  return {
    step: (title, ...lines) => {
      steps += 1;
      console.log(`\n${bold(`${steps}. ${title}`)}`);
      for (const line of lines) console.log(`   ${line}`);
    },
    command: (text) => console.log(`\n   ${bold(`$ ${text}`)}\n`),
    proven: (text) => console.log(`   ok: ${text}`),
    note: (text) => console.log(`   note: ${text}`),
  };
}
