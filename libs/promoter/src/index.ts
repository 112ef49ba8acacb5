// SPDX-License-Identifier: Apache-2.0
export { openSession } from './open-session.ts';
export type { PromoterEvent } from './promoter-event.ts';
export { PromoterError } from './promoter-error.ts';
export type { PromoterErrorCode } from './promoter-error.ts';
export { findingsOn } from './findings-on.ts';
export { listRegistry } from './list-registry.ts';
export { baseForDate, baseForProw } from './git-base.ts';
export { replicateSignatures } from './replicate/replicate-when-called.ts';
export type { ReplicateInput, ReplicatePorts } from './replicate/replicate-signatures.ts';
export type { ReplicationRoute } from './replicate/replication-route.ts';
export type { Replication } from './replicate/replication-tally.ts';
export { refusedPresent } from './gate/refused-present.ts';
export { runTask } from './run-task.ts';
export type { FailOn, TaskRequest, TaskResult, TaskStage } from './run-task.ts';
export type { SnapshotRequest } from './snapshot-registry.ts';
export type {
  HostFailure,
  PlanRun,
  PromoteOptions,
  PromoteRun,
  PromoteStage,
  ReplicateOptions,
  ReplicateRun,
  Session,
  SessionOptions,
  SettingsOverride,
  VerifyOptions,
  VerifyRun,
  Workspace,
} from './session.ts';
