// SPDX-License-Identifier: Apache-2.0
import { errorMessage, isPromographError, redactText } from '@promograph/errors';

/** An error as receipts tell it: never with a secret. */
export function receiptErrorOf(error: unknown): { code: string; message: string; hint?: string } {
  if (!isPromographError(error)) return { code: 'UNEXPECTED', message: redactText(errorMessage(error)) };
  const { code, message, hint } = error;
  return hint === undefined ? { code, message } : { code, message, hint };
}
