// SPDX-License-Identifier: Apache-2.0
export { errorMessage, isPromographError, PromographError } from '@promograph/errors';
export type { PromographErrorOptions } from '@promograph/errors';
export { FINDING_CODES, hasErrors, manifestSchemas, printPosition } from '@promograph/manifest';
export type {
  DigestEntry,
  Finding,
  FindingCode,
  FindingExplanation,
  ImageEntry,
  ManifestSchemaName,
  Position,
  Project,
  PromographConfig,
  RegistryEntry,
  RegistrySettings,
  Severity,
  TagEntry,
  Tree,
} from '@promograph/manifest';
export type { Digest } from '@promograph/oci';
export type {
  ActionKind,
  PlannedAction,
  PlanSummary,
  ProjectPlan,
  PromotionEdge,
  RefusalReason,
} from '@promograph/plan';
export { baseForDate, baseForProw, listRegistry, openSession, PromoterError, runTask } from '@promograph/promoter';
export type {
  FailOn,
  HostFailure,
  PlanRun,
  PromoteOptions,
  PromoteRun,
  PromoterErrorCode,
  PromoterEvent,
  Session,
  SessionOptions,
  SnapshotRequest,
  TaskRequest,
  TaskResult,
  TaskStage,
  Workspace,
} from '@promograph/promoter';
export { RegistryError } from '@promograph/registry';
export type { RegistryDiagnostic, RegistryErrorCode } from '@promograph/registry';
export {
  addReceipts,
  FORMAT_VERSION,
  planReport,
  printJson,
  printPlanJson,
  printSnapshotCsv,
  printSnapshotJson,
  printSnapshotYaml,
  readPlanReport,
  readPromoteReceipt,
  readSnapshotArtifact,
  renderFindingsText,
  renderPlanMarkdown,
  renderPlanText,
  renderReceiptMarkdown,
  renderReceiptText,
  renderValidateMarkdown,
  renderValidateText,
  reportSchemas,
  validateReport,
} from '@promograph/report';
export type {
  MarkdownOptions,
  PlanReport,
  PlanReportAction,
  PlanReportOptions,
  PlanReportProject,
  PlanReportSummary,
  PromoteReceipt,
  ReceiptEdge,
  ReceiptOutcome,
  ReceiptSummary,
  SnapshotArtifact,
  SnapshotModel,
  TextOptions,
  ValidateReport,
  ValidateReportFinding,
} from '@promograph/report';
