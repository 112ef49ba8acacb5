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
export { createAttestationScanner } from './scan/attestation-scanner.ts';
export type { AttestationScannerOptions } from './scan/attestation-scanner.ts';
export { createContainerAnalysisScanner } from './scan/container-analysis.ts';
export type { ContainerAnalysisOptions } from './scan/container-analysis.ts';
export { gateVulnerabilities } from './scan/gate-vulnerabilities.ts';
export type { VulnerabilityGate, VulnerabilityGateInput } from './scan/gate-vulnerabilities.ts';
export { ScanError } from './scan/scan-error.ts';
export type { ScanErrorCode } from './scan/scan-error.ts';
export { scanOnce } from './scan/scan-once.ts';
export { scannedProject } from './scan/scanned-project.ts';
export { SCAN_PREDICATE_TYPES } from './scan/scan-report.ts';
export { scanVerdict } from './scan/scan-verdict.ts';
export type { ScanRule, ScanVerdict } from './scan/scan-verdict.ts';
export type { ScanFindings, Scanner, Severity, Vulnerability } from './scan/scanner.ts';
