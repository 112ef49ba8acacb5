// SPDX-License-Identifier: Apache-2.0
import { errorMessage, isPromographError } from '@promograph/errors';
import { hasErrors, type Finding } from '@promograph/manifest';
import { planReport, renderFindingsText, renderPlanText, renderReceiptText } from '@promograph/report';
import { findingsOn } from './findings-on.ts';
import type { PlanRun, Session } from './session.ts';

/** Stages that a build graph runs per project. */
export type TaskStage = 'snapshot' | 'plan' | 'validate' | 'promote' | 'sign' | 'attest' | 'replicate';

/** What makes a `plan` or `validate` task red; by default only invalid input does. */
export type FailOn = 'invalid' | 'refused' | 'lost' | 'unverified';

export interface TaskRequest {
  readonly stage: TaskStage;
  readonly project: string;
  readonly confirm: boolean;
  readonly failOn: readonly FailOn[];
  readonly failFast?: boolean;
  /**
   * True when a later stage of this project is in the same run: then failures of single edges are that stage's to tell.
   */
  readonly handsOver?: boolean;
  readonly scope?: 'run' | 'present';
}

/** A task's verdict and its short, stable text: the summary line first. */
export interface TaskResult {
  readonly success: boolean;
  readonly text: string;
}

/** Runs one stage of one project in a session; every failure is a result, never a throw. */
export async function runTask(session: Session, request: TaskRequest): Promise<TaskResult> {
  try {
    const own = findingsOn(session.workspace.findings, request.project);
    if (session.workspace.brokenProjects.includes(request.project)) return brokenTask(request, own);
    return await STAGES[request.stage](session, request, own);
  } catch (error) {
    return { success: false, text: `${request.project}: ${request.stage} failed\n${errorText(error)}` };
  }
}

type StageRun = (session: Session, request: TaskRequest, findings: readonly Finding[]) => Promise<TaskResult>;

const STAGES: Record<Exclude<TaskStage, 'sign' | 'attest' | 'replicate'>, StageRun> = {
  snapshot: snapshotTask,
  plan: planTask,
  validate: validateTask,
  promote: promoteTask,
};

/** A project that cannot be read has no plan, so nothing of it can succeed. */
function brokenTask({ project, stage }: TaskRequest, findings: readonly Finding[]): TaskResult {
  return { success: false, text: `${project}: ${stage} is not possible\n${renderFindingsText(findings)}` };
}

async function snapshotTask(session: Session, { project }: TaskRequest): Promise<TaskResult> {
  const [snapshot] = await session.snapshot([project]);
  const repositories = Object.entries(snapshot?.repositories ?? {});
  const failures = repositories.filter(([, { state }]) => state === 'unreadable');
  const lines = failures.map(([repository, { failure }]) => `  ${repository}: ${failure?.message ?? 'unreadable'}`);
  const unreadable = failures.length === 0 ? '' : `, ${failures.length} could not be read`;
  const text = [`${project}: read ${repositories.length} repositories${unreadable}`, ...lines].join('\n');
  return { success: failures.length === 0 || failures.length < repositories.length, text };
}

async function planTask(session: Session, request: TaskRequest, findings: readonly Finding[]): Promise<TaskResult> {
  const run = await session.planFromSnapshot(request.project);
  const text = [renderPlanText(planReport(run.plans, { all: false })), findingsText(findings)].join('');
  return { success: !isRed(run, request, findings), text };
}

function isRed({ plans }: PlanRun, { failOn }: TaskRequest, findings: readonly Finding[]): boolean {
  const count = (kind: 'refused' | 'lost' | 'acceptedLost'): number =>
    plans.reduce((sum, { summary }) => sum + summary[kind], 0);
  return (
    (failOn.includes('invalid') && hasErrors(findings)) ||
    (failOn.includes('refused') && count('refused') > 0) ||
    (failOn.includes('lost') && count('lost') > count('acceptedLost'))
  );
}

async function validateTask(session: Session, request: TaskRequest): Promise<TaskResult> {
  const [artifact] = await session.validate([request.project]);
  const isInvalid = artifact === undefined || artifact.summary.errors > 0;
  const text = renderFindingsText(findingsOn(session.workspace.findings, request.project));
  const verdict = isInvalid ? `${artifact?.summary.errors ?? 0} errors` : 'valid';
  return {
    success: !(isInvalid && request.failOn.includes('invalid')),
    text: `${request.project}: ${verdict}\n${text}`,
  };
}

async function promoteTask(session: Session, request: TaskRequest): Promise<TaskResult> {
  const { project, confirm, failFast = false } = request;
  const { receipts } = await session.promote([project], { confirm, failFast });
  const [receipt] = receipts;
  if (receipt === undefined) return { success: false, text: `${project}: no receipt` };
  const { refused, lost, failed, skipped } = receipt.summary;
  const acknowledged = receipt.edges.filter(({ accepted }) => accepted === true).length;
  const troubles = refused + failed + skipped + lost - acknowledged;
  return { success: troubles === 0 || !confirm, text: renderReceiptText([receipt]) };
}

function findingsText(findings: readonly Finding[]): string {
  return findings.length === 0 ? '' : `\n${renderFindingsText(findings)}`;
}

function errorText(error: unknown): string {
  const hint = isPromographError(error) && error.hint !== undefined ? `\n  ${error.hint}` : '';
  return `${errorMessage(error)}${hint}`;
}
