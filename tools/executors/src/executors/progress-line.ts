// SPDX-License-Identifier: Apache-2.0

/** Counts of a batch at one moment. */
export interface BatchProgress {
  readonly total: number;
  done: number;
  failed: number;
}

const INTERVAL_MS = 5_000;

/**
 * Writes a plain line every few seconds while a batch runs and something changed; Nx itself shows nothing before a task ends.
 * @returns stops the writing
 */
export function startProgressLine(progress: BatchProgress, write: (text: string) => void): () => void {
  let last = '';
  const timer = setInterval(() => {
    const failed = progress.failed === 0 ? '' : `, ${progress.failed} failed`;
    const line = `promograph: ${progress.done} of ${progress.total} tasks done${failed}\n`;
    if (line !== last) write(line);
    last = line;
  }, INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
