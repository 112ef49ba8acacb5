// SPDX-License-Identifier: Apache-2.0

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Turns the signals that end a process into an abort, so that running work can finish what it must not leave half done. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #interrupt = (): void => this.#controller.abort(new Error('interrupted'));

  constructor() {
    for (const name of SIGNALS) process.on(name, this.#interrupt);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const name of SIGNALS) process.removeListener(name, this.#interrupt);
  }
}
