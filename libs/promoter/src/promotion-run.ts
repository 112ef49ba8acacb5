// SPDX-License-Identifier: Apache-2.0
import type { PlannedAction, ProjectPlan } from '@promograph/plan';
import type { PromoteReceipt } from '@promograph/report';
import { dueKey } from './due-digests.ts';
import type { EdgeResult } from './edge-result.ts';
import { edgeWithoutWork, skippedEdge } from './edge-without-work.ts';
import type { GateVerdict } from './gate/gate-ports.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import type { PromotePorts } from './promote-ports.ts';
import { ReceiptJournals } from './receipt-journals.ts';
import { receiptOf } from './receipt-of.ts';
import { runGroups, type TotalsByProject } from './run-groups.ts';
import type { CanonicalRepositories } from './trust/canonical-repositories.ts';
import type { TrustStage } from './trust/trust-stage.ts';
import { tryDestinations } from './try-destinations.ts';
import type { WireMeter } from './wire-totals.ts';
import { workGroupsOf, type WorkGroup } from './work-group.ts';

/** What a run starts from. */
export interface PromotionRunOptions {
  readonly workspace: LoadedWorkspace;
  readonly plans: readonly ProjectPlan[];
  /** Projects of which nothing may be written. */
  readonly refused: ReadonlySet<string>;
  readonly verdicts: ReadonlyMap<string, GateVerdict>;
  /** Where digests are signed; null where this run does not sign. */
  readonly canonical: CanonicalRepositories | null;
}

/** One run over plans: every action ends with exactly one result. */
export class PromotionRun {
  readonly #options: PromotionRunOptions;
  readonly #results = new Map<PlannedAction, EdgeResult>();

  constructor(options: PromotionRunOptions) {
    this.#options = options;
    const { plans, refused, verdicts, canonical } = options;
    for (const { project, actions } of plans) {
      const isProjectRefused = refused.has(project);
      for (const planned of actions) {
        const { source, digest } = planned.edge;
        const verdict = verdicts.get(dueKey(planned.edge));
        const unsignable = canonical?.problemOf(project, source, digest) ?? null;
        const result = edgeWithoutWork(planned, { isProjectRefused, verdict, unsignable });
        if (result !== null) this.#results.set(planned, result);
      }
    }
  }

  /** The groups that there is work for. */
  groups(): readonly WorkGroup[] {
    const plans = this.#options.plans.map((plan) => ({
      ...plan,
      actions: plan.actions.filter((planned) => !this.#results.has(planned)),
    }));
    return workGroupsOf(plans);
  }

  /** What a dry run says: the work that there is. */
  rehearse(): TotalsByProject {
    for (const planned of this.#open()) this.#results.set(planned, { planned, outcome: 'planned' });
    return new Map();
  }

  /** Does the work; `trust` is null where this run neither signs nor attests. */
  async execute(ports: PromotePorts, trust: TrustStage | null): Promise<TotalsByProject> {
    const { workspace } = this.#options;
    const groups = this.groups();
    const refusals = await tryDestinations(groups, workspace.tree.projects, ports);
    const journals = new ReceiptJournals(workspace.stateDir, ports.now);
    try {
      return await this.#runAll(groups, { ...ports, refusals, journals, trust });
    } finally {
      journals.close();
      this.#endOpen(ports);
    }
  }

  async #runAll(
    groups: readonly WorkGroup[],
    ports: PromotePorts & {
      readonly refusals: ReadonlyMap<string, unknown>;
      readonly journals: ReceiptJournals;
      readonly trust: TrustStage | null;
    },
  ): Promise<TotalsByProject> {
    const total = this.#open().length;
    let done = 0;
    const totals = await runGroups(groups, {
      engine: ports.engine,
      refusals: ports.refusals,
      trust: ports.trust,
      handsOver: ports.options.handsOver ?? false,
      signal: ports.signal,
      failFast: ports.options.failFast ?? false,
      onResult: (ended) => {
        // What an interruption cut off is not a fault of the edge: the next run takes it up.
        const isCutOff = ended.outcome === 'failed' && (ports.signal?.aborted ?? false);
        const result = isCutOff ? skippedEdge(ended.planned, 'interrupted before this edge was done') : ended;
        this.#results.set(result.planned, result);
        ports.journals.append(result);
        ports.onEvent({ type: 'progress', stage: 'promote', done: ++done, total });
      },
      onTotals: ({ copiedBytes, mountedBytes }) => ports.onEvent({ type: 'bytes', copiedBytes, mountedBytes }),
    });
    ports.journals.throwIfBroken();
    return totals;
  }

  /** `unsigned` says whether what became public is counted as unsigned. */
  receipts(confirmed: boolean, unsigned: boolean, cost: RunCost): PromoteReceipt[] {
    return this.#options.plans.map(({ project, actions, allLost }) => {
      const results = actions.flatMap((planned) => this.#results.get(planned) ?? []);
      const { totals, wire } = cost;
      const receipt = receiptOf({
        project,
        confirmed,
        results,
        allLost,
        totals: totals.get(project),
        wire: wire.totals(),
      });
      return unsigned ? { ...receipt, unsigned: publishedDigests(results) } : receipt;
    });
  }

  #open(): PlannedAction[] {
    return this.#options.plans.flatMap(({ actions }) => actions.filter((planned) => !this.#results.has(planned)));
  }

  /** Edges that never began, because the run was cancelled or stopped at the first failure, are told as such. */
  #endOpen({ signal }: PromotePorts): void {
    const isCancelled = signal?.aborted ?? false;
    const why = isCancelled ? 'interrupted before this edge was begun' : 'not begun, because an earlier edge failed';
    for (const planned of this.#open()) this.#results.set(planned, skippedEdge(planned, why));
  }
}

/** What a run cost. */
export interface RunCost {
  readonly totals: TotalsByProject;
  readonly wire: WireMeter;
}

function publishedDigests(results: readonly EdgeResult[]): number {
  const published = results.filter(({ outcome }) => outcome === 'added' || outcome === 'tagged');
  return new Set(published.map(({ planned }) => dueKey(planned.edge))).size;
}
