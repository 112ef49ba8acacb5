// SPDX-License-Identifier: Apache-2.0
import { type Finding, parseConfig, type PromographConfig } from '@promograph/manifest';
import type { Digest } from '@promograph/oci';
import type { ActionKind, PlannedAction, ProjectPlan } from '@promograph/plan';
import { summarise } from '@promograph/plan';
import type {
  PlanRun,
  PromoteOptions,
  PromoteRun,
  ReplicateOptions,
  ReplicateRun,
  Session,
  SessionOptions,
  VerifyOptions,
  VerifyRun,
  Workspace,
} from '@promograph/promoter';
import type { ReplicateReport, SnapshotModel, ValidateReport, VerifyReport } from '@promograph/report';
import type { CliContext, TextOutput } from './cli-context.ts';

/** What a fake session answers; a function may throw instead. */
export interface FakeAnswers {
  readonly plan?: () => PlanRun;
  readonly promote?: (options: PromoteOptions) => PromoteRun;
  readonly verify?: () => VerifyRun;
  readonly replicate?: () => ReplicateRun;
  readonly validate?: () => readonly ValidateReport[];
  readonly open?: (options: SessionOptions) => void;
  readonly workspace?: Partial<Workspace>;
  readonly snapshot?: SnapshotModel;
}

/** A context whose outputs are kept, over a session that answers as told. */
export interface FakeWorld {
  readonly context: CliContext;
  readonly sessions: SessionOptions[];
  readonly promotions: PromoteOptions[];
  readonly verifications: VerifyOptions[];
  readonly replications: ReplicateOptions[];
  readonly validations: { readonly live?: boolean }[];
  /** The settings of each session, with what the command line put in their place. */
  readonly configs: PromographConfig[];
  readonly abort: () => void;
  stdout(): string;
  stderr(): string;
  closed(): number;
}

/** Makes the world around one run of the program. */
export function fakeWorld(answers: FakeAnswers = {}, env: Record<string, string> = {}): FakeWorld {
  const [out, err] = [keptOutput(), keptOutput()];
  const sessions: SessionOptions[] = [];
  const calls: Calls = { promotions: [], verifications: [], replications: [], validations: [], configs: [] };
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
      const config = answers.workspace?.config ?? EMPTY_WORKSPACE.config;
      calls.configs.push({ ...config, ...options.settings?.(config) });
      return fakeSession(answers, calls, () => (closed += 1));
    },
    listRegistry: async () => answers.snapshot ?? { images: [] },
  };
  return {
    context,
    sessions,
    ...calls,
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

type Calls = Pick<FakeWorld, 'promotions' | 'verifications' | 'replications' | 'validations' | 'configs'>;

function fakeSession(answers: FakeAnswers, calls: Calls, onClose: () => void): Session {
  const workspace = { ...EMPTY_WORKSPACE, ...answers.workspace };
  return {
    workspace,
    snapshot: async () => [],
    plan: async () => answers.plan?.() ?? planRun([]),
    planFromSnapshot: async () => planRun([]),
    validate: async (_, options = {}) => {
      calls.validations.push(options);
      return answers.validate?.() ?? [];
    },
    promote: async (_, options) => {
      calls.promotions.push(options);
      return answers.promote?.(options) ?? { receipts: [], trust: [], gate: null, findings: [], hostFailures: [] };
    },
    verify: async (options) => {
      calls.verifications.push(options);
      return answers.verify?.() ?? verifyRun();
    },
    replicate: async (_, options) => {
      calls.replications.push(options);
      return answers.replicate?.() ?? replicateRun();
    },
    close: async () => onClose(),
  };
}

const EMPTY_WORKSPACE: Workspace = {
  root: '/tree',
  stateDir: '/tree/.promo',
  tree: { root: '/tree', projects: [], projectNames: ['app'], findings: [] },
  config: (await parseConfig('apiVersion: promograph/v1\nlimiter: { store: memory }\n')).config,
  findings: [],
  projects: ['app'],
  brokenProjects: [],
  narrowed: null,
};

/** A verification of one image; findings as given. */
export function verifyRun(findings: VerifyReport['findings'] = []): VerifyRun {
  const healed = findings.filter((finding) => finding.healed === true).length;
  const summary = { images: 1, verified: findings.length === 0 ? 1 : 0, findings: findings.length, healed };
  return { report: { formatVersion: '1.0', summary, images: [], findings }, findings: [], hostFailures: [] };
}

/** A replication with these items. */
export function replicateRun(items: ReplicateReport['items'] = []): ReplicateRun {
  const summary = { groups: 1, signed: 1, present: 0, missing: items.length, copied: 0, failed: 0, listRequests: 2 };
  return { report: { formatVersion: '1.0', confirmed: false, summary, items }, findings: [], hostFailures: [] };
}

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
