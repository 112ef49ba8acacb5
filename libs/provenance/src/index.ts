// SPDX-License-Identifier: Apache-2.0
export { BUILD_PROVENANCE_TYPES } from './policy/build-provenance.ts';
export { evaluatePolicy } from './policy/evaluate-policy.ts';
export type { PolicySubject } from './policy/evaluate-policy.ts';
export { platformChildren } from './policy/platform-children.ts';
export { policiesFor } from './policy/policies-for.ts';
export type { AppliedPolicy } from './policy/policies-for.ts';
export type {
  BuildLevel,
  DigestEvidence,
  ImageEvidence,
  PolicyResult,
  PolicyViolation,
  PolicyViolationCode,
} from './policy/policy-result.ts';
export { printStatement } from './statements/print-statement.ts';
export { signStatement } from './statements/sign-statement.ts';
export type { SignStatementInput } from './statements/sign-statement.ts';
