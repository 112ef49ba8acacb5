// SPDX-License-Identifier: Apache-2.0

/** One thing a guard objects to: where, by which rule, and what to do about it. */
export interface Violation {
  /** Path relative to the checked root, with `:line` where the guard knows it. */
  readonly at: string;
  readonly rule: string;
  readonly message: string;
}

/** A check of a whole source tree. It returns everything it objects to and throws only when it could not look. */
export interface Guard {
  readonly name: string;
  readonly check: (root: string) => Promise<readonly Violation[]>;
}

/** One line per violation, for a terminal or a log. */
export function formatViolation(violation: Violation): string {
  return `${violation.at}  ${violation.rule}  ${violation.message}`;
}
