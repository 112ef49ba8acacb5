// SPDX-License-Identifier: Apache-2.0
import { errorMessage, isPromographError } from '@promograph/errors';
import { hasErrors, type Finding } from '@promograph/manifest';
import {
  planReport,
  renderFindingsText,
  renderGateText,
  renderPlanText,
  renderReceiptText,
  renderReplicateText,
} from '@promograph/report';
import { findingsOn } from './findings-on.ts';
import { refusedPresent } from './gate/refused-present.ts';
import type { PlanRun, PromoteRun, PromoteStage, Session } from './session.ts';

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
  /** True when the snapshot and the plan of this project are of the same run; see `PromoteOptions`. */
  readonly knowsRegistries?: boolean;
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
    const findings = isInvalidInput(error) ? findingsText(findingsOn(session.workspace.findings, request.project)) : '';
    return { success: false, text: `${request.project}: ${request.stage} failed\n${errorText(error)}${findings}` };
  }
}

type StageRun = (session: Session, request: TaskRequest, findings: readonly Finding[]) => Promise<TaskResult>;

const STAGES: Record<TaskStage, StageRun> = {
  snapshot: snapshotTask,
  plan: planTask,
  validate: validateTask,
  promote: (session, request) => promoteTask(session, request, 'promote'),
  sign: (session, request) => promoteTask(session, request, 'sign'),
  attest: (session, request) => promoteTask(session, request, 'attest'),
  replicate: replicateTask,
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
  const gate = artifact?.gate;
  const isUnverified = gate !== undefined && gate.summary.refused + gate.summary.failed > 0;
  const isRedByGate = isUnverified && request.failOn.includes('unverified');
  return {
    success: !(isInvalid && request.failOn.includes('invalid')) && !isRedByGate,
    text: `${request.project}: ${verdict}\n${text}${gate === undefined ? '' : renderGateText(gate)}`,
  };
}

/**
 * Takes the project as far as its stage. A stage that hands over succeeds whatever became of single edges, and says so in one
 * line: a red task would keep the stages behind it from running, and they look at every edge again.
 */
async function promoteTask(session: Session, request: TaskRequest, through: PromoteStage): Promise<TaskResult> {
  const { project, confirm, failFast = false, handsOver = false, scope = 'run', knowsRegistries = false } = request;
  // A rehearsal has nothing to hand on, and the last stage reads everything itself: no request is spent on this one.
  if (handsOver && !confirm) return { success: true, text: rehearsalText(request) };
  const run = await session.promote([project], { confirm, failFast, through, handsOver, scope, knowsRegistries });
  if (run.receipts.length === 0) return { success: false, text: `${project}: no receipt` };
  const troubles = troublesOf(run);
  if (handsOver) return { success: true, text: handoverText(request, troubles) };
  const { receipts, gate, trust } = run;
  return { success: troubles === 0 || !confirm, text: renderReceiptText(receipts, { gate, trust }) };
}

/** Edges and digests that are not where the stage was to bring them. */
function troublesOf(run: PromoteRun): number {
  const { receipts, trust } = run;
  const edges = receipts.flatMap((receipt) => receipt.edges);
  const acknowledged = edges.filter(({ accepted }) => accepted === true).length;
  const ofEdges = receipts.reduce(
    (sum, { summary }) => sum + summary.refused + summary.failed + summary.skipped + summary.lost,
    0,
  );
  const ofDigests = trust.reduce((sum, { summary }) => sum + summary.failed + summary.skipped, 0);
  return ofEdges - acknowledged + ofDigests + refusedPresent(run).length;
}

function handoverText({ project, stage }: TaskRequest, troubles: number): string {
  const open = troubles === 0 ? '' : ` ${troubles} did not get this far;`;
  return `${project}: ${stage} hands over;${open} the last stage of this run writes the tags and tells what became of each`;
}

function rehearsalText({ project, stage }: TaskRequest): string {
  return `${project}: ${stage} hands over; the last stage of this run tells what would become of each image`;
}

async function replicateTask(session: Session, { project, confirm }: TaskRequest): Promise<TaskResult> {
  const { report } = await session.replicate([project], { confirm });
  return { success: report.summary.failed === 0 || !confirm, text: renderReplicateText(report) };
}

function findingsText(findings: readonly Finding[]): string {
  return findings.length === 0 ? '' : `\n${renderFindingsText(findings)}`;
}

/** What was refused for its input is told with what is wrong in it. */
function isInvalidInput(error: unknown): boolean {
  return isPromographError(error) && error.code === 'PROMOTER_INVALID_INPUT';
}

function errorText(error: unknown): string {
  const hint = isPromographError(error) && error.hint !== undefined ? `\n  ${error.hint}` : '';
  return `${errorMessage(error)}${hint}`;
}
