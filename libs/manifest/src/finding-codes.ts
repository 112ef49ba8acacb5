// SPDX-License-Identifier: Apache-2.0

/** What a finding's code means; `promograph explain CODE` prints it, and the reference page is made from it. */
export interface FindingExplanation {
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
}

/** Every code that a file of a promotion tree can be given. Codes are stable; a baseline names them. */
export const FINDING_CODES = {
  'yaml-syntax': {
    title: 'The file is not well-formed YAML',
    cause: 'The YAML parser stopped at this place.',
    remedy: 'Correct the syntax; nothing of the project is used until then.',
  },
} as const satisfies Record<string, FindingExplanation>;

/** The closed union of finding codes. */
export type FindingCode = keyof typeof FINDING_CODES;
