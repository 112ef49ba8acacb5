// SPDX-License-Identifier: Apache-2.0
import type { FindingExplanation } from './finding-codes.ts';

/** Codes about `promograph.yaml` and `promograph-baseline.yaml`. */
export const SETTINGS_CODES = {
  'version-unsupported': {
    title: 'The file is of a version that this promograph does not know',
    cause: '`apiVersion` names another format, perhaps of a newer promograph.',
    remedy: 'Upgrade promograph, or write `apiVersion: promograph/v1`.',
    severity: 'error',
    isFatal: true,
  },
  'invalid-value': {
    title: 'A setting has a value that it cannot have',
    cause: 'The value is outside what the schema allows; `promograph schema promograph` prints it.',
    remedy: 'Correct the value.',
    severity: 'error',
    isFatal: true,
  },
  'store-unsupported': {
    title: 'The shared store is not supported yet',
    cause: '`limiter.store` names a store that this version cannot use.',
    remedy: 'Use `sqlite` (the default) or `memory`.',
    severity: 'error',
    isFatal: true,
  },
  'baseline-stale': {
    title: 'A baseline entry accepts nothing',
    cause: 'No finding of the tree has this code, file and value any more.',
    remedy: 'Delete the entry, or write the file anew with `promograph validate --write-baseline`.',
    severity: 'error',
    isFatal: false,
  },
  'baseline-refused': {
    title: 'A baseline entry accepts what cannot be accepted',
    cause: 'The finding makes its whole project unusable; accepting it would silently stop promoting the project.',
    remedy: 'Mend the file that the entry names and delete the entry.',
    severity: 'error',
    isFatal: false,
  },
  'baseline-unknown-code': {
    title: 'A baseline entry has an unknown code',
    cause: '`code` is no code of a finding.',
    remedy: 'Correct the code; `promograph explain` lists all.',
    severity: 'error',
    isFatal: false,
  },
} as const satisfies Record<string, FindingExplanation>;
