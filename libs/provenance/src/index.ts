// SPDX-License-Identifier: Apache-2.0
export { carriable } from './gate/carriable.ts';
export type { Carriable, CarryInput } from './gate/carriable.ts';
export { checkIfPresent } from './gate/check-if-present.ts';
export type { IfPresent } from './gate/check-if-present.ts';
export { gateProvenance } from './gate/gate-provenance.ts';
export type {
  ExaminedEvidence,
  ProvenanceGate,
  ProvenanceGateInput,
  ProvenanceRefusalCode,
} from './gate/gate-provenance.ts';
export { BUILD_PROVENANCE_TYPES } from './policy/build-provenance.ts';
export { evaluatePolicy } from './policy/evaluate-policy.ts';
export type { PolicySubject } from './policy/evaluate-policy.ts';
export { platformChildren } from './policy/platform-children.ts';
export { policiesFor } from './policy/policies-for.ts';
export type { AppliedPolicy } from './policy/policies-for.ts';
export type {
  AcceptedEvidence,
  BuildLevel,
  DigestEvidence,
  ImageEvidence,
  PolicyResult,
  PolicyViolation,
  PolicyViolationCode,
} from './policy/policy-result.ts';
export { gitUri } from './statements/git-uri.ts';
export type { StatementTarget } from './statements/own-statement.ts';
export { printStatement } from './statements/print-statement.ts';
export { signStatement } from './statements/sign-statement.ts';
export type { SignStatementInput } from './statements/sign-statement.ts';
export { isRecordFor, PROMOTION_PREDICATE_TYPE, promotionRecord } from './statements/promotion-record.ts';
export type { PromotionRecordInput, RecordedJob, RecordedManifest } from './statements/promotion-record.ts';
export { childSources, REVIEWED_LEVEL, summaryOutcome } from './statements/summary-outcome.ts';
export type { SummaryOutcome, SummarySource } from './statements/summary-outcome.ts';
export { isSummaryFor, SUMMARY_PREDICATE_TYPE, verificationSummary } from './statements/verification-summary.ts';
export type { SummaryPolicy, VerificationSummaryInput } from './statements/verification-summary.ts';
