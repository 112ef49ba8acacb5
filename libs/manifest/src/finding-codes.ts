// SPDX-License-Identifier: Apache-2.0
import { MANIFEST_CODES } from './manifest-codes.ts';
import { PROVENANCE_CODES } from './provenance-codes.ts';
import { SETTINGS_CODES } from './settings-codes.ts';
import { TREE_CODES } from './tree-codes.ts';
import { YAML_CODES } from './yaml-codes.ts';

/** What a finding's code means; `promograph explain CODE` prints it, and the reference page is made from it. */
export interface FindingExplanation {
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
  readonly severity: 'error' | 'warning';
  /** Whether the finding makes its whole project unusable, or drops only the entry it stands at. */
  readonly isFatal: boolean;
}

/** Every code that a file of a promotion tree can be given. Codes are stable; a baseline names them. */
export const FINDING_CODES = {
  ...YAML_CODES,
  ...TREE_CODES,
  ...MANIFEST_CODES,
  ...PROVENANCE_CODES,
  ...SETTINGS_CODES,
} as const satisfies Record<string, FindingExplanation>;

/** The closed union of finding codes. */
export type FindingCode = keyof typeof FINDING_CODES;

/** Whether `text` is a finding code. */
export function isFindingCode(text: string): text is FindingCode {
  return Object.hasOwn(FINDING_CODES, text);
}
