// SPDX-License-Identifier: Apache-2.0
import type { Finding } from '@promograph/manifest';
import type { Digest } from '@promograph/oci';
import type { ActionKind, PlannedAction, ProjectPlan } from '@promograph/plan';
import { summarise } from '@promograph/plan';
import type { PlanRun, PromoteRun, Session, SessionOptions, Workspace } from '@promograph/promoter';
import type { SnapshotModel } from '@promograph/report';
import type { CliContext, TextOutput } from './cli-context.ts';

/** What a fake session answers; a function may throw instead. */
export interface FakeAnswers {
  readonly plan?: () => PlanRun;
  readonly promote?: (options: { readonly confirm: boolean; readonly plan?: string }) => PromoteRun;
  readonly open?: (options: SessionOptions) => void;
  readonly workspace?: Partial<Workspace>;
  readonly snapshot?: SnapshotModel;
}

/** A context whose outputs are kept, over a session that answers as told. */
export interface FakeWorld {
  readonly context: CliContext;
  readonly sessions: SessionOptions[];
  readonly promotions: { readonly confirm: boolean; readonly plan?: string }[];
  readonly abort: () => void;
  stdout(): string;
  stderr(): string;
  closed(): number;
}

/** Makes the world around one run of the program. */
export function fakeWorld(answers: FakeAnswers = {}, env: Record<string, string> = {}): FakeWorld {
  const [out, err] = [keptOutput(), keptOutput()];
  const sessions: SessionOptions[] = [];
  const promotions: { readonly confirm: boolean; readonly plan?: string }[] = [];
  const controller = new AbortController();
  let closed = 0;
  const context: CliContext = {
    env,
    cwd: '/work-dir',
    homeDir: '/home/someone',
    stdout: out.output,
    stderr: err.output,
    signal: controller.signal,
    openSession: async (options) => {
      sessions.push(options);
      answers.open?.(options);
      return fakeSession(answers, { promotions, onClose: () => (closed += 1) });
    },
    listRegistry: async () => answers.snapshot ?? { images: [] },
  };
  return {
    context,
    sessions,
    promotions,
    abort: () => controller.abort(new DOMException('interrupted', 'AbortError')),
    stdout: out.text,
    stderr: err.text,
    closed: () => closed,
  };
}

function keptOutput(): { output: TextOutput; text: () => string } {
  const texts: string[] = [];
  const write = async (text: string): Promise<void> => {
    texts.push(text);
  };
  return { output: { isTTY: false, hasColour: false, columns: null, write }, text: () => texts.join('') };
}

function fakeSession(
  answers: FakeAnswers,
  calls: { readonly promotions: { readonly confirm: boolean; readonly plan?: string }[]; readonly onClose: () => void },
): Session {
  const workspace = { ...EMPTY_WORKSPACE, ...answers.workspace };
  return {
    workspace,
    snapshot: async () => [],
    plan: async () => answers.plan?.() ?? planRun([]),
    planFromSnapshot: async () => planRun([]),
    validate: async () => [],
    promote: async (_, options) => {
      calls.promotions.push(options);
      return answers.promote?.(options) ?? { receipts: [], findings: [], hostFailures: [] };
    },
    close: async () => calls.onClose(),
  };
}

const EMPTY_WORKSPACE: Workspace = {
  root: '/tree',
  stateDir: '/tree/.promo',
  tree: { root: '/tree', projects: [], projectNames: ['app'], findings: [] },
  config: { apiVersion: 'promograph/v1', registries: {}, limiter: { store: 'memory' }, sha256: null },
  findings: [],
  projects: ['app'],
  brokenProjects: [],
  narrowed: null,
};

/** A digest of one repeated hexadecimal digit. */
export function fakeDigest(digit: string): Digest {
  return `sha256:${digit.repeat(64)}` as Digest;
}

/** An edge of project `app` with the action that it needs. */
export function fakeAction(action: ActionKind, more: Partial<PlannedAction> = {}): PlannedAction {
  return {
    action,
    edge: {
      project: 'app',
      source: 'staging.example/app/web',
      destination: 'prod.example/app/web',
      digest: fakeDigest('a'),
      tag: 'v1',
      at: { file: 'images/app/images.yaml', line: 3, column: 5 },
    },
    observed: null,
    conflicts: [],
    reason: null,
    detail: null,
    isAccepted: false,
    ...more,
  };
}

/** A run over one project with these actions. */
export function planRun(actions: readonly PlannedAction[], more: Partial<PlanRun> = {}): PlanRun {
  const plan: ProjectPlan = { project: 'app', summary: summarise(actions), actions, allLost: false };
  return { plans: [plan], findings: [], hostFailures: [], ...more };
}

/** An error in a file of project `app`. */
export function fakeFinding(more: Partial<Finding> = {}): Finding {
  return {
    code: 'invalid-digest',
    severity: 'error',
    at: { file: 'images/app/images.yaml', line: 3, column: 5 },
    message: 'invalid digest: ha256:1',
    hint: 'Copy the whole digest.',
    value: 'ha256:1',
    project: 'app',
    isFatal: false,
    isBaselined: false,
    ...more,
  };
}
