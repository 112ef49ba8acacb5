// SPDX-License-Identifier: Apache-2.0

/** What every error of the project carries beside its message. */
export interface PromographErrorOptions {
  /** The failure below this one. */
  readonly cause?: unknown;
  /** What the reader can do about it: one sentence, imperative. */
  readonly hint?: string;
  /** Whether the same call may succeed later without any change by the user. Default false. */
  readonly retryable?: boolean;
}

/**
 * Base of every error that promograph throws on purpose. Callers match on `code`, never on the message; each library
 * closes `Code` with its own union. Secrets must be redacted before they reach the constructor.
 */
export class PromographError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly hint: string | undefined;
  readonly retryable: boolean;

  constructor(code: Code, message: string, options: PromographErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
  }
}

/** Whether `error` is ours, and, when `code` is given, has that code. */
export function isPromographError<Code extends string>(error: unknown, code?: Code): error is PromographError<Code> {
  return error instanceof PromographError && (code === undefined || error.code === code);
}

/** The message of anything thrown, without a stack. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
