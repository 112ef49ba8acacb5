// SPDX-License-Identifier: Apache-2.0
import type { FindingCode } from './finding-codes.ts';
import type { Position } from './position.ts';

/** How much a finding weighs: errors make the exit code 3, warnings are told. */
export type Severity = 'error' | 'warning';

/** One thing that is wrong in a file of the tree, with what to do about it. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly at: Position;
  readonly message: string;
  readonly hint: string;
  /** The offending text, by which the baseline names the finding. */
  readonly value: string;
  /** The project the file belongs to, or null for files of the whole tree. */
  readonly project: string | null;
  /** True when nothing of the project can be used; false when the finding drops only itself. */
  readonly isFatal: boolean;
  /** True when an entry of the baseline accepts it: severity is then `warning`. */
  readonly isBaselined: boolean;
}
