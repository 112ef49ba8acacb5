// SPDX-License-Identifier: Apache-2.0
import { preferSmallHeap } from './prefer-small-heap.ts';

/** The program: runs this process's command line and ends the process with its exit code. */
export async function main(): Promise<void> {
  preferSmallHeap();
  const { runRedirector } = await import('./run-redirector.ts');
  // Whoever read the log may be gone; clients are answered all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const exitCode = await runRedirector(process.argv.slice(2), {
    env: process.env,
    writeOut: (text) => void process.stdout.write(text),
    writeErr: (text) => void process.stderr.write(text),
    onSignal: (name, listener) => void process.on(name, listener),
  });
  // Listeners of signals would keep the process; what was written must come out first.
  process.exitCode = exitCode;
  process.stdout.write('', () => process.exit(exitCode));
}
