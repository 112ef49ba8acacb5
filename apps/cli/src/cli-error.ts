// SPDX-License-Identifier: Apache-2.0
import { PromographError } from '@promograph/errors';

/** What the command line itself can object to. */
export type CliErrorCode = 'CLI_USAGE' | 'CLI_NOT_AVAILABLE' | 'CLI_UNKNOWN_CODE' | 'CLI_UNKNOWN_SCHEMA' | 'CLI_FILE';

/** A command line that cannot be carried out as written; `hint` says what to write instead. */
export class CliError extends PromographError<CliErrorCode> {}
