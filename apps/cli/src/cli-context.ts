// SPDX-License-Identifier: Apache-2.0
import type { Session, SessionOptions, SnapshotRequest } from '@promograph/promoter';
import type { SnapshotModel } from '@promograph/report';

/** A stream of text that the program writes to. */
export interface TextOutput {
  readonly isTTY: boolean;
  /** Whether colour is wanted: a terminal that has it, as NO_COLOR and FORCE_COLOR decide. */
  readonly hasColour: boolean;
  /** Columns of the terminal; null where there is no terminal, or one that does not know its size. */
  readonly columns: number | null;
  /** Resolves when the text was taken; a reader that went away is not an error. */
  write(text: string): Promise<void>;
}

/** Everything outside the program that commands touch, so that tests can stand in for it. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly homeDir: string;
  /** Results, and nothing else. */
  readonly stdout: TextOutput;
  /** Progress, notices, errors. */
  readonly stderr: TextOutput;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  readonly openSession: (options: SessionOptions) => Promise<Session>;
  readonly listRegistry: (options: SessionOptions, request: SnapshotRequest) => Promise<SnapshotModel>;
}
