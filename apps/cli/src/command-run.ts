// SPDX-License-Identifier: Apache-2.0
import type { CliContext } from './cli-context.ts';

/** What a command's action works with: its surroundings, and where it leaves the exit code. */
export interface CommandRun {
  readonly context: CliContext;
  finish(exitCode: number): void;
}
