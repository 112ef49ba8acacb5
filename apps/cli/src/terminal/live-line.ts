// SPDX-License-Identifier: Apache-2.0
import ora from 'ora';
import type { LiveLine } from './progress.ts';

/** A spinner on stderr. It leaves stdin alone, so that Ctrl-C stays a signal. */
export function spinnerLine(stream: NodeJS.WritableStream): LiveLine {
  const spinner = ora({ stream, discardStdin: false, isEnabled: true });
  return {
    show: (text) => {
      spinner.text = text;
      if (!spinner.isSpinning) spinner.start();
    },
    stop: () => {
      spinner.stop();
    },
  };
}
