// SPDX-License-Identifier: Apache-2.0
import { isPromographError } from '@promograph/errors';
import type { Outcome } from '../exit-code.ts';
import type { ErrorExplanation } from './error-explanation.ts';
import { CLI_ERRORS, MANIFEST_ERRORS, OCI_ERRORS } from './input-errors.ts';
import { REGISTRY_ERRORS } from './registry-errors.ts';
import { PROVENANCE_CODES } from './provenance-codes.ts';
import { LIMITER_ERRORS, PROMOTER_ERRORS, REPORT_ERRORS } from './run-errors.ts';
import { SCAN_CODES } from './scan-errors.ts';
import { SIGNING_ERRORS } from './signing-errors.ts';
import { VERDICT_CODES } from './verdict-codes.ts';

/** Every error code of every library, and what it means. */
export const ERROR_CODES: Readonly<Record<string, ErrorExplanation>> = {
  ...CLI_ERRORS,
  ...MANIFEST_ERRORS,
  ...OCI_ERRORS,
  ...PROMOTER_ERRORS,
  ...REGISTRY_ERRORS,
  ...LIMITER_ERRORS,
  ...REPORT_ERRORS,
  ...SIGNING_ERRORS,
  ...VERDICT_CODES,
  ...PROVENANCE_CODES,
  ...SCAN_CODES,
};

/** How a run ends that stopped with `code`; an unknown code is a bug. */
export function outcomeOfCode(code: string): Outcome {
  return Object.hasOwn(ERROR_CODES, code) ? (ERROR_CODES[code]?.outcome ?? 'bug') : 'bug';
}

/** What to do about `code`, as `explain` tells it; null for an unknown code. */
export function remedyOfCode(code: string): string | null {
  return Object.hasOwn(ERROR_CODES, code) ? (ERROR_CODES[code]?.remedy ?? null) : null;
}

/** How a run ends that stopped with `error`; what we did not throw on purpose is a bug. */
export function outcomeOfError(error: unknown): Outcome {
  if (isPromographError(error)) return outcomeOfCode(error.code);
  return error instanceof Error && error.name === 'AbortError' ? 'interrupted' : 'bug';
}
