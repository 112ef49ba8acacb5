// SPDX-License-Identifier: Apache-2.0
import type { VerdictCode } from '../verdict.ts';

/** Why material does not verify. `isUnknown`: nothing at hand could have verified it; else the trust at hand contradicts it. */
export interface Refusal {
  readonly code: VerdictCode;
  readonly message: string;
  readonly isUnknown?: boolean;
}

/** Short for a refusal that the trust at hand is sure of. */
export function refuse(code: VerdictCode, message: string): Refusal {
  return { code, message };
}

/** Tells a refusal from what was wanted. */
export function isRefusal(value: object): value is Refusal {
  return 'code' in value && 'message' in value;
}
