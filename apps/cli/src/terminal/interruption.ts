// SPDX-License-Identifier: Apache-2.0

/** How long a run may drain after the first signal, milliseconds: receipts are kept, then the program ends regardless. */
export const DRAIN_LIMIT_MS = 3_500;

/**
 * A second signal this soon after the first is the same keystroke: a terminal signals the whole process group, and npm
 * hands its own copy on to the program it runs.
 */
export const SAME_KEYSTROKE_MS = 250;

/** What the handler needs of the process. */
export interface Interruptible {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/** What an interruption does; `now` is a monotonic clock in milliseconds. */
export interface InterruptionCalls {
  readonly onFirst: (name: string) => void;
  readonly exitNow: () => void;
  readonly now: () => number;
}

/** The signal that runs watch, and how to stop listening. */
export interface Interruption {
  readonly signal: AbortSignal;
  dispose(): void;
}

/** The first SIGINT or SIGTERM aborts `signal` and calls `onFirst`; a second one, or the end of the drain limit, calls `exitNow`. */
export function listenForInterruption(process: Interruptible, calls: InterruptionCalls): Interruption {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let firstAt = 0;
  const listenTo = (name: 'SIGINT' | 'SIGTERM') => (): void => {
    if (controller.signal.aborted) {
      if (calls.now() - firstAt >= SAME_KEYSTROKE_MS) calls.exitNow();
      return;
    }
    firstAt = calls.now();
    timer = setTimeout(calls.exitNow, DRAIN_LIMIT_MS);
    calls.onFirst(name);
    controller.abort(new DOMException(`interrupted by ${name}`, 'AbortError'));
  };
  const [onInt, onTerm] = [listenTo('SIGINT'), listenTo('SIGTERM')];
  process.on('SIGINT', onInt);
  process.on('SIGTERM', onTerm);
  return {
    signal: controller.signal,
    dispose: () => {
      clearTimeout(timer);
      process.off('SIGINT', onInt);
      process.off('SIGTERM', onTerm);
    },
  };
}
