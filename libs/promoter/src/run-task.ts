// SPDX-License-Identifier: Apache-2.0
import type { Session } from './session.ts';

/** Stages that a build graph runs per project. */
export type TaskStage = 'snapshot' | 'plan' | 'validate' | 'promote';

/** What makes a `plan` or `validate` task red; by default only invalid input does. */
export type FailOn = 'invalid' | 'refused' | 'lost' | 'unverified';

export interface TaskRequest {
  readonly stage: TaskStage;
  readonly project: string;
  readonly confirm: boolean;
  readonly failOn: readonly FailOn[];
  readonly failFast?: boolean;
}

/** A task's verdict and its short, stable text: the summary line first. */
export interface TaskResult {
  readonly success: boolean;
  readonly text: string;
}

/** Runs one stage of one project in a session; every failure is a result, never a throw. */
export async function runTask(session: Session, request: TaskRequest): Promise<TaskResult> {
  void session;
  return { success: false, text: `${request.project}: not implemented` };
}
