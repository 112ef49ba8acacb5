// SPDX-License-Identifier: Apache-2.0
import type { ProjectPlan } from '@promograph/plan';
import type { PromoteReceipt, TrustReceipt } from '@promograph/report';
import pLimit from 'p-limit';
import { dueDigests, dueKey } from './due-digests.ts';
import { gateReportOf } from './gate/gate-report-of.ts';
import type { GateVerdict } from './gate/gate-ports.ts';
import { hostFailuresOf } from './host-failures.ts';
import { livePlan, type LivePlan } from './live-plan.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import { lockProject } from './project-lock.ts';
import type { PromotePorts } from './promote-ports.ts';
import { PromotionRun } from './promotion-run.ts';
import type { PromoteRun } from './session.ts';
import { refuseStale } from './stale-plan.ts';
import { artifactPath, writeArtifact } from './state-dir.ts';
import type { CanonicalRepositories } from './trust/canonical-repositories.ts';
import { rehearseTrust } from './trust/rehearse-trust.ts';
import type { TrustStage } from './trust/trust-stage.ts';
import { type WorkGroup, workGroupsOf } from './work-group.ts';

/** Present digests looked at once. */
const PRESENT_AT_ONCE = 64;

/**
 * Derives every action live, asks the gate and, confirmed, copies, signs, attests and tags what is missing. A project with an
 * error among its findings is refused whole. A cached plan is never read here; one given by `options.plan` only narrows what
 * may be written.
 */
export async function promoteProjects(
  workspace: LoadedWorkspace,
  projects: readonly string[],
  ports: PromotePorts,
): Promise<PromoteRun> {
  const { confirm } = ports.options;
  const locks = confirm ? lockAll(workspace, projects) : [];
  try {
    const live = await livePlan(workspace, projects, ports);
    if (ports.options.plan !== undefined) refuseStale(ports.options.plan, live.plans);
    const { verdicts, ...ran } = await runPlans(workspace, { ...live, projects }, ports);
    const { receipts, trust } = handOver(live.plans, ran, ports);
    if (confirm) writeReceipts(workspace, receipts, trust);
    return {
      receipts,
      trust,
      gate: ports.gate === null ? null : gateReportOf([...verdicts.values()].map(({ gated }) => gated)),
      findings: workspace.findings,
      hostFailures: hostFailuresOf(live.observations, live.plans),
    };
  } finally {
    for (const lock of locks) lock.release();
  }
}

/** A stage that hands over leaves what it did to the last one, whose receipt speaks of the whole run. */
function handOver(
  plans: readonly ProjectPlan[],
  { receipts, trust }: Pick<Ran, 'receipts' | 'trust'>,
  { handover, options }: PromotePorts,
): Pick<Ran, 'receipts' | 'trust'> {
  if (options.handsOver === true) {
    for (const plan of plans) {
      const own = trust.filter(({ project }) => project === plan.project);
      const receipt = receipts.find(({ project }) => project === plan.project);
      if (receipt !== undefined) handover.keep(plan, receipt, own);
    }
    return { receipts, trust };
  }
  const completed = {
    receipts: receipts.map((receipt) => handover.complete(receipt)),
    trust: trust.map((receipt) => handover.completeTrust(receipt)),
  };
  for (const { project } of plans) handover.forget(project);
  return completed;
}

interface Ran {
  readonly receipts: readonly PromoteReceipt[];
  readonly trust: readonly TrustReceipt[];
  readonly verdicts: ReadonlyMap<string, GateVerdict>;
}

async function runPlans(
  workspace: LoadedWorkspace,
  live: LivePlan & { readonly projects: readonly string[] },
  ports: PromotePorts,
): Promise<Ran> {
  const { confirm, through = 'promote', scope = 'run' } = ports.options;
  const { plans, observations } = live;
  const verdicts = (await ports.gate?.(dueDigests(plans, scope), observations)) ?? new Map<string, GateVerdict>();
  const refused = new Set(confirm ? live.projects.filter((project) => workspace.hasErrors(project)) : []);
  const canonical = through === 'promote' ? null : ports.canonical;
  const run = new PromotionRun({ workspace, plans, refused, verdicts, canonical });
  const usable = plans.filter(({ project }) => !refused.has(project));
  const present = scope === 'present' ? presentOf(usable, verdicts, canonical) : [];
  const groups = run.groups();
  const due = [...groups, ...present];
  const isTrusting = confirm && through !== 'promote' && due.length > 0;
  const rehearsed = rehearseTrust({ plans, groups: due, canonical, through, confirmed: confirm });
  const trust = isTrusting ? await ports.openTrust(through, { verdicts, due }) : null;
  if (groups.length > 0) await trust?.preflight.pass();
  if (isCopyingForLater(ports)) await passPreflight(groups, verdicts, ports);
  const totals = confirm ? await run.execute(ports, trust) : run.rehearse();
  if (trust !== null) await ensurePresent(trust, present);
  const isUnsigned = ports.canonical !== null && confirm && through === 'promote' && ports.options.handsOver !== true;
  return {
    receipts: run.receipts(confirm, isUnsigned, { totals, wire: ports.wire }),
    trust: trust === null ? rehearsed : plans.flatMap((plan) => trust.receiptsOf(plan, confirm)),
    verdicts,
  };
}

/** Whether this stage copies what a later one signs. */
function isCopyingForLater({ options }: PromotePorts): boolean {
  const { confirm, through = 'promote', handsOver = false } = options;
  return confirm && through === 'promote' && handsOver;
}

/** Finds out before the first copy whether the later stage can sign; what it cannot sign is that stage's to refuse. */
async function passPreflight(
  groups: readonly WorkGroup[],
  verdicts: ReadonlyMap<string, GateVerdict>,
  { canonical, openTrust }: PromotePorts,
): Promise<void> {
  const due = groups.filter(({ project, source, digest }) => canonical?.problemOf(project, source, digest) === null);
  if (due.length === 0) return;
  const { preflight } = await openTrust('sign', { verdicts, due });
  await preflight.pass();
}

/** Present digests that the gate let through and that can be signed, as groups. */
function presentOf(
  plans: readonly ProjectPlan[],
  verdicts: ReadonlyMap<string, GateVerdict>,
  canonical: CanonicalRepositories | null,
): readonly WorkGroup[] {
  return workGroupsOf(plans, ['present']).filter((group) => {
    const isSignable = canonical?.problemOf(group.project, group.source, group.digest) === null;
    return isSignable && verdicts.get(dueKey(group))?.gated.refused === undefined;
  });
}

/** A digest that cannot be signed holds no other back, and the receipt says which; where none can be, the run fails as it is. */
async function ensurePresent(trust: TrustStage, present: readonly WorkGroup[]): Promise<void> {
  const limit = pLimit(PRESENT_AT_ONCE);
  await Promise.allSettled(present.map((group) => limit(() => trust.ensurePresent(group))));
  await trust.preflight.outcome();
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

function writeReceipts(
  workspace: LoadedWorkspace,
  receipts: readonly PromoteReceipt[],
  trust: readonly TrustReceipt[],
): void {
  const write = (receipt: PromoteReceipt | TrustReceipt, name: 'promote.json' | 'sign.json' | 'attest.json'): void =>
    writeArtifact(artifactPath(workspace.stateDir, receipt.project, name), `${JSON.stringify(receipt)}\n`);
  for (const receipt of receipts) write(receipt, 'promote.json');
  for (const receipt of trust) write(receipt, `${receipt.stage}.json`);
}
