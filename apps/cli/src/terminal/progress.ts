// SPDX-License-Identifier: Apache-2.0
import type { PromoterEvent } from '@promograph/promoter';
import { printBytes } from '@promograph/report';
import type { TextOutput } from '../cli-context.ts';
import { Notices } from './notices.ts';
import { progressLine, RunProgress } from './run-progress.ts';

/** How often a plain line is printed where there is no terminal, milliseconds. */
export const PLAIN_LINE_MS = 30_000;
/** How often the line on a terminal is refreshed, milliseconds. */
const LIVE_LINE_MS = 200;

/** A line that is rewritten in place; it is out of the way while other lines are printed. */
export interface LiveLine {
  show(text: string): void;
  stop(): void;
}

/** Where progress goes. */
export interface ProgressOptions {
  readonly stderr: TextOutput;
  readonly isVerbose: boolean;
  /** Present on a terminal. */
  readonly live: LiveLine | null;
  readonly now: () => number;
}

/** Shows how far a run is: one live line on a terminal, else a plain line every 30 seconds. Results never pass here. */
export class Progress {
  readonly #options: ProgressOptions;
  readonly #run = new RunProgress();
  readonly #notices: Notices;
  readonly #timer: NodeJS.Timeout;
  #lastLine = '';

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#notices = new Notices(options);
    this.#timer = setInterval(() => this.#tick(), options.live === null ? PLAIN_LINE_MS : LIVE_LINE_MS);
    this.#timer.unref();
  }

  readonly onEvent = (event: PromoterEvent): void => {
    this.#run.observe(event);
    const line = this.#notices.lineFor(event);
    if (line !== null) this.#print(line);
  };

  /** Clears the live line and ends the timer; nothing is shown afterwards. */
  stop(): void {
    clearInterval(this.#timer);
    this.#options.live?.stop();
  }

  #tick(): void {
    const line = progressLine(this.#run.counts, printBytes);
    if (this.#options.live !== null) this.#options.live.show(line);
    // The same line again still says that the run is alive.
    else this.#print(line === this.#lastLine ? `still ${line}` : line);
    this.#lastLine = line;
  }

  #print(line: string): void {
    this.#options.live?.stop();
    void this.#options.stderr.write(`${line}\n`);
  }
}
