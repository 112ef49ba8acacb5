// SPDX-License-Identifier: Apache-2.0
export { addGates } from './add-gates.ts';
export { FORMAT_VERSION } from './artifact-parts.ts';
export type { ArtifactInputs } from './artifact-parts.ts';
export { decodeSnapshot, encodeSnapshot, printSnapshotArtifact } from './encode-snapshot.ts';
export type { SnapshotContent } from './encode-snapshot.ts';
export { DEFAULT_BUDGET_CHARS } from './fit-markdown.ts';
export { count, printBytes, printDuration } from './measures.ts';
export type { PlanReport, PlanReportAction, PlanReportProject, PlanReportSummary } from './plan-artifact.ts';
export { planCounts } from './plan-counts.ts';
export { renderPlanMarkdown } from './plan-markdown.ts';
export type { MarkdownOptions } from './plan-markdown.ts';
export { planGateOf } from './plan-gate.ts';
export type { PlanGate } from './plan-gate.ts';
export { planReport } from './plan-report.ts';
export type { PlanReportOptions } from './plan-report.ts';
export { renderPlanText } from './plan-text.ts';
export { printJson, printPlanJson } from './print-json.ts';
export { printSnapshotCsv, printSnapshotJson, printSnapshotYaml } from './print-snapshot.ts';
export type { SnapshotPrintOptions } from './print-snapshot.ts';
export { printable } from './printable.ts';
export { readPlanReport, readPromoteReceipt, readSnapshotArtifact, readTrustReceipt } from './read-artifact.ts';
export { addReceipts } from './receipt-counts.ts';
export type { GateReason, GateReport, GatedDigest } from './gate-report.ts';
export { renderGateText } from './gate-text.ts';
export { renderReceiptMarkdown } from './receipt-markdown.ts';
export { renderReceiptText } from './receipt-text.ts';
export type { PromoteReceipt, ReceiptEdge, ReceiptOutcome, ReceiptReason, ReceiptSummary } from './receipt.ts';
export { renderReplicateMarkdown } from './replicate-markdown.ts';
export { renderReplicateText } from './replicate-text.ts';
export type { ReplicateReport, ReplicatedItem } from './replicate-report.ts';
export { ReportError } from './report-error.ts';
export type { ReportErrorCode } from './report-error.ts';
export { reportSchemas } from './report-schemas.ts';
export type { ArtifactName, JsonSchema } from './report-schemas.ts';
export type { TrustOutcome, TrustReceipt, TrustedDigest, WrittenEvidence } from './sign-receipt.ts';
export type {
  ClaimRecord,
  EvidenceRecord,
  RecordedScan,
  SnapshotArtifact,
  SnapshotRepository,
  SourceEvidence,
} from './snapshot-artifact.ts';
export { filterByTag, minimalSnapshot, sortSnapshot, wantedSnapshot } from './snapshot-model.ts';
export type { RunExtras } from './run-extras.ts';
export type { SnapshotDigest, SnapshotImage, SnapshotModel } from './snapshot-model.ts';
export { stripUnnamed } from './strip-unnamed.ts';
export type { TextOptions } from './text-lines.ts';
export { renderTrustText } from './trust-text.ts';
export type { ReportedVerdict, VerdictKind } from './trust-verdict.ts';
export type { ValidateReport, ValidateReportFinding } from './validate-artifact.ts';
export { renderValidateMarkdown } from './validate-markdown.ts';
export { validateReport } from './validate-report.ts';
export type { ValidateReportOptions } from './validate-report.ts';
export { renderFindingsText, renderValidateText } from './validate-text.ts';
export { renderVerifyMarkdown } from './verify-markdown.ts';
export { renderVerifyText } from './verify-text.ts';
export type { VerifiedImage, VerifyFinding, VerifyFindingKind, VerifyReport } from './verify-report.ts';
export { nextAfterVerify } from './verify-lines.ts';
