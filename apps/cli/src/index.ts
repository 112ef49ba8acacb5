// SPDX-License-Identifier: Apache-2.0
export { errorMessage, isPromographError, PromographError } from '@promograph/errors';
export type { PromographErrorOptions } from '@promograph/errors';
export { openSession, PromoterError, runTask } from '@promograph/promoter';
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
  TaskRequest,
  TaskResult,
  TaskStage,
  Workspace,
} from '@promograph/promoter';
