// SPDX-License-Identifier: Apache-2.0
import type { PlannedAction, ProjectPlan } from '@promograph/plan';
import type { PromoteReceipt } from '@promograph/report';
import type { EdgeResult } from './edge-result.ts';
import { hostFailuresOf } from './host-failures.ts';
import { livePlan } from './live-plan.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import type { ObservePorts } from './observe-edges.ts';
import { lockProject } from './project-lock.ts';
import { PromoterError } from './promoter-error.ts';
import { openJournal, type ReceiptJournal } from './receipt-journal.ts';
import { receiptEdgeOf, receiptOf } from './receipt-of.ts';
import { runGroups, type TotalsByProject } from './run-groups.ts';
import type { PromoteOptions, PromoteRun } from './session.ts';
import { refuseStale } from './stale-plan.ts';
import { artifactPath, writeArtifact } from './state-dir.ts';
import { tryDestinations } from './try-destinations.ts';
import type { Ports } from './open-ports.ts';
import type { WireMeter } from './wire-totals.ts';
import { workGroupsOf, type WorkGroup } from './work-group.ts';

/** What the stage needs beside the registries. */
export interface PromotePorts extends ObservePorts, Pick<Ports, 'engine'> {
  readonly now: () => Date;
  readonly wire: WireMeter;
}

/**
 * Derives every action live and, confirmed, copies and tags what is missing. A project with an error among its findings
 * is refused whole. A cached plan is never read here; one given by `options.plan` only narrows what may be written.
 */
export async function promoteProjects(
  workspace: LoadedWorkspace,
  projects: readonly string[],
  ports: PromotePorts & { readonly options: PromoteOptions },
): Promise<PromoteRun> {
  const { confirm } = ports.options;
  const locks = confirm ? lockAll(workspace, projects) : [];
  try {
    const { plans, observations } = await livePlan(workspace, projects, ports);
    if (ports.options.plan !== undefined) refuseStale(ports.options.plan, plans);
    const refused = new Set(confirm ? projects.filter((project) => workspace.hasErrors(project)) : []);
    const run = new PromotionRun(workspace, plans, refused);
    const totals = confirm ? await run.execute(ports) : run.rehearse();
    const receipts = run.receipts(confirm, totals, ports.wire);
    if (confirm) for (const receipt of receipts) writeReceipt(workspace, receipt);
    return {
      receipts,
      trust: [],
      gate: null,
      findings: workspace.findings,
      hostFailures: hostFailuresOf(observations, plans),
    };
  } finally {
    for (const lock of locks) lock.release();
  }
}

function lockAll(workspace: LoadedWorkspace, projects: readonly string[]): { release(): void }[] {
  const locks: { release(): void }[] = [];
  try {
    for (const project of projects) locks.push(lockProject(workspace.stateDir, project));
    return locks;
  } catch (error) {
    for (const lock of locks) lock.release();
    throw error;
  }
}

function writeReceipt(workspace: LoadedWorkspace, receipt: PromoteReceipt): void {
  writeArtifact(artifactPath(workspace.stateDir, receipt.project, 'promote.json'), `${JSON.stringify(receipt)}\n`);
}

/** One run over plans: every action ends with exactly one result. */
class PromotionRun {
  readonly #workspace: LoadedWorkspace;
  readonly #plans: readonly ProjectPlan[];
  readonly #refused: ReadonlySet<string>;
  readonly #results = new Map<PlannedAction, EdgeResult>();

  constructor(workspace: LoadedWorkspace, plans: readonly ProjectPlan[], refused: ReadonlySet<string>) {
    this.#workspace = workspace;
    this.#plans = plans;
    this.#refused = refused;
    for (const { project, actions } of plans) {
      for (const planned of actions) {
        const result = resultWithoutWork(planned, refused.has(project));
        if (result !== null) this.#results.set(planned, result);
      }
    }
  }

  /** What a dry run says: the work that there is. */
  rehearse(): TotalsByProject {
    for (const planned of this.#open()) this.#results.set(planned, { planned, outcome: 'planned' });
    return new Map();
  }

  async execute(ports: PromotePorts & { readonly options: PromoteOptions }): Promise<TotalsByProject> {
    const groups = workGroupsOf(this.#plans.filter(({ project }) => !this.#refused.has(project)));
    const refusals = await tryDestinations(groups, this.#workspace.tree.projects, ports);
    const journals = new Journals(this.#workspace, ports.now);
    try {
      return await this.#runAll(groups, { ...ports, refusals, journals });
    } finally {
      journals.close();
      this.#endOpen(ports);
    }
  }

  async #runAll(
    groups: readonly WorkGroup[],
    ports: PromotePorts & {
      readonly options: PromoteOptions;
      readonly refusals: ReadonlyMap<string, unknown>;
      readonly journals: Journals;
    },
  ): Promise<TotalsByProject> {
    const total = this.#open().length;
    let done = 0;
    const totals = await runGroups(groups, {
      engine: ports.engine,
      refusals: ports.refusals,
      signal: ports.signal,
      failFast: ports.options.failFast ?? false,
      onResult: (ended) => {
        // What an interruption cut off is not a fault of the edge: the next run takes it up.
        const isCutOff = ended.outcome === 'failed' && (ports.signal?.aborted ?? false);
        const result = isCutOff ? skipped(ended.planned, 'interrupted before this edge was done') : ended;
        this.#results.set(result.planned, result);
        ports.journals.append(result);
        ports.onEvent({ type: 'progress', stage: 'promote', done: ++done, total });
      },
      onTotals: ({ copiedBytes, mountedBytes }) => ports.onEvent({ type: 'bytes', copiedBytes, mountedBytes }),
    });
    ports.journals.throwIfBroken();
    return totals;
  }

  receipts(confirmed: boolean, totals: TotalsByProject, wire: WireMeter): PromoteReceipt[] {
    return this.#plans.map(({ project, actions, allLost }) => {
      const results = actions.flatMap((planned) => this.#results.get(planned) ?? []);
      return receiptOf({ project, confirmed, results, allLost, totals: totals.get(project), wire: wire.totals() });
    });
  }

  #open(): PlannedAction[] {
    return this.#plans.flatMap(({ actions }) => actions.filter((planned) => !this.#results.has(planned)));
  }

  /** Edges that never began, because the run was cancelled or stopped at the first failure, are told as such. */
  #endOpen(ports: PromotePorts): void {
    const isCancelled = ports.signal?.aborted ?? false;
    const why = isCancelled ? 'interrupted before this edge was begun' : 'not begun, because an earlier edge failed';
    for (const planned of this.#open()) this.#results.set(planned, skipped(planned, why));
  }
}

function resultWithoutWork(planned: PlannedAction, isProjectRefused: boolean): EdgeResult | null {
  switch (planned.action) {
    case 'present':
    case 'lost':
    case 'refused':
      return { planned, outcome: planned.action };
    case 'unreadable':
      return { planned, outcome: 'failed', error: new PromoterError('PROMOTER_UNREADABLE', planned.detail ?? '') };
    case 'add':
    case 'tag':
      return isProjectRefused ? { planned, outcome: 'refused', error: invalidProject() } : null;
  }
}

function skipped(planned: PlannedAction, why: string): EdgeResult {
  const hint = 'Run again: what is done is found done.';
  return { planned, outcome: 'skipped', error: new PromoterError('PROMOTER_STOPPED', why, { hint, retryable: true }) };
}

function invalidProject(): PromoterError {
  return new PromoterError('PROMOTER_INVALID_INPUT', 'the project has findings that are errors', {
    hint: 'Mend them, or accept them with `promograph validate --write-baseline`.',
  });
}

/** A journal per project, opened when its first edge ends. A full disk stops no edge: it is told at the end. */
class Journals {
  readonly #workspace: LoadedWorkspace;
  readonly #now: () => Date;
  readonly #open = new Map<string, ReceiptJournal>();
  readonly #failures: unknown[] = [];

  constructor(workspace: LoadedWorkspace, now: () => Date) {
    this.#workspace = workspace;
    this.#now = now;
  }

  append(result: EdgeResult): void {
    const { project } = result.planned.edge;
    try {
      const path = artifactPath(this.#workspace.stateDir, project, 'promote.jsonl');
      const journal = this.#open.get(project) ?? openJournal(path, this.#now);
      this.#open.set(project, journal);
      journal.append(receiptEdgeOf(result));
    } catch (error) {
      this.#failures.push(error);
    }
  }

  throwIfBroken(): void {
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  close(): void {
    for (const journal of this.#open.values()) journal.close();
  }
}
