// SPDX-License-Identifier: Apache-2.0

/** What commands get from the process. */
export interface RedirectorContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Results. */
  readonly writeOut: (text: string) => void;
  /** Everything else. */
  readonly writeErr: (text: string) => void;
  /** Calls back for each SIGTERM, SIGINT and SIGHUP until it is released. */
  readonly onSignal: (name: 'SIGTERM' | 'SIGINT' | 'SIGHUP', listener: () => void) => void;
}
