// SPDX-License-Identifier: Apache-2.0
import type { Finding, PromographConfig, Tree } from '@promograph/manifest';
import type { ProjectPlan } from '@promograph/plan';
import type {
  GateReport,
  PromoteReceipt,
  ReplicateReport,
  SnapshotArtifact,
  TrustReceipt,
  ValidateReport,
  VerifyReport,
} from '@promograph/report';
import type { PromoterEvent } from './promoter-event.ts';

/** Where the tree is, what of it is wanted, and what surrounds the run. Paths may be relative to `cwd`. */
export interface SessionOptions {
  readonly cwd: string;
  /** Directory that holds `manifests` and `images`; found upwards from `cwd` when neither this nor `manifestFile` is set. */
  readonly treeDir?: string;
  /** A plain manifest instead of a tree. */
  readonly manifestFile?: string;
  /** Only these projects; unknown names are an error. */
  readonly projects?: readonly string[];
  /** Only edges that changed since this git ref; both sides are compared as parsed. */
  readonly since?: string;
  /** Default `.promo` at the tree's root. */
  readonly stateDir?: string;
  readonly configFile?: string;
  /** Settings of the command line: given those of the file, the sections that take their place. */
  readonly settings?: (configured: PromographConfig) => SettingsOverride;
  readonly baselineFile?: string;
  /** Environment for credentials, proxies and state directories. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  readonly onEvent?: (event: PromoterEvent) => void;
  readonly signal?: AbortSignal;
}

/** Sections of the configuration that a command line may replace. */
export type SettingsOverride = Partial<Pick<PromographConfig, 'signing' | 'staging' | 'attest' | 'scan'>>;

/** A tree with its configuration and baseline, read once per session. */
export interface Workspace {
  readonly root: string;
  readonly stateDir: string;
  readonly tree: Tree;
  readonly config: PromographConfig;
  /** All findings: tree, configuration and baseline; sorted. */
  readonly findings: readonly Finding[];
  /** Selected projects that can be used, in lexical order. */
  readonly projects: readonly string[];
  /** Selected projects with a fatal finding: nothing is planned for them. */
  readonly brokenProjects: readonly string[];
  /** What `since` left out, for people; null when nothing was narrowed. */
  readonly narrowed: { readonly ref: string; readonly keptEdges: number; readonly leftOutEdges: number } | null;
}

/** A plan with what it was made from. */
export interface PlanRun {
  readonly plans: readonly ProjectPlan[];
  readonly findings: readonly Finding[];
  /** Hosts that could not be read, with the reason: one line each. */
  readonly hostFailures: readonly HostFailure[];
}

/** One line per host that failed, however many edges it costs. */
export interface HostFailure {
  readonly host: string;
  readonly code: string;
  readonly message: string;
  readonly edges: number;
}

export interface PromoteOptions {
  /** Without it nothing is written and every receipt says `confirmed: false`. */
  readonly confirm: boolean;
  /** Stop starting new edges after the first failure. */
  readonly failFast?: boolean;
  /** Text of a plan made earlier: nothing outside it is written; differences end with `PROMOTER_STALE_PLAN`. */
  readonly plan?: string;
  /** How far each digest is taken before its tag is written: copied, also signed, also attested. Default `promote`. */
  readonly through?: PromoteStage;
  /** True when a later stage of the same run publishes the tags. */
  readonly handsOver?: boolean;
  /** `present`: also gate, sign and attest what is at its destinations already. Default `run`. */
  readonly scope?: 'run' | 'present';
  /**
   * True when each project's `snapshot.json` is of this very run: a dry run is then told from it instead of asking the
   * registries again. Without effect with `confirm`, with a plan, and where a gate or `scope` has to look for itself.
   */
  readonly knowsRegistries?: boolean;
}

/** Stages that write, in their order. */
export type PromoteStage = 'promote' | 'sign' | 'attest';

/** Result of promoting: receipts per project and stage, and what could not be used or reached. */
export interface PromoteRun {
  readonly receipts: readonly PromoteReceipt[];
  /** `sign` and `attest` receipts of the projects, as far as `through` went. */
  readonly trust: readonly TrustReceipt[];
  /** What the gate said of the digests that were due; null where none is configured. */
  readonly gate: GateReport | null;
  readonly findings: readonly Finding[];
  readonly hostFailures: readonly HostFailure[];
}

/** What `verify` looks at. */
export interface VerifyOptions {
  /** Image references (`host/path:tag` or `@digest`) instead of the selected projects. */
  readonly references?: readonly string[];
  /** Only images uploaded in the last days; needs a registry that tells upload times. */
  readonly sinceDays?: number;
  /** Sign and attest what is present, passes the gate and lacks it, then look again. */
  readonly confirm?: boolean;
  /** Host of a redirector: also look at everything through it, as a user does. */
  readonly via?: string;
}

/** What `verify` found, and hosts that could not be read. */
export interface VerifyRun {
  readonly report: VerifyReport;
  readonly findings: readonly Finding[];
  readonly hostFailures: readonly HostFailure[];
}

/** How signatures are copied to mirrors. */
export interface ReplicateOptions {
  readonly confirm: boolean;
  /** Also copy bundle referrers. Default: as configured. */
  readonly referrers?: boolean;
  /** Copies in flight at once. Default: as configured, else 50. */
  readonly maxCopies?: number;
}

/** What replication did, and hosts that could not be read. */
export interface ReplicateRun {
  readonly report: ReplicateReport;
  readonly findings: readonly Finding[];
  readonly hostFailures: readonly HostFailure[];
}

/** Stages of one run over one tree, with one registry client, one limiter and one token cache behind them. */
export interface Session {
  readonly workspace: Workspace;
  /** Live read of what the manifests name; writes `snapshot.json` of each project. */
  snapshot(projects?: readonly string[]): Promise<readonly SnapshotArtifact[]>;
  /** Live read, then plan; writes `snapshot.json` and `plan.json` of each project. */
  plan(projects?: readonly string[]): Promise<PlanRun>;
  /** Plan from the `snapshot.json` on disk, no network: what a build graph caches. */
  planFromSnapshot(project: string): Promise<PlanRun>;
  /**
   * Offline rules over the selected projects and, where a gate is configured, its verdict on what is due: from the evidence
   * that `snapshot.json` names, or with `live` from a read of its own. Writes `validate.json` of each.
   */
  validate(projects?: readonly string[], options?: { readonly live?: boolean }): Promise<readonly ValidateReport[]>;
  /**
   * Derives everything live and, with `confirm`, takes each digest through copy, signature and attestation as far as
   * `through` says, then tags it. Writes `promote.jsonl`, `promote.json`, `sign.json` and `attest.json`.
   */
  promote(projects: readonly string[] | undefined, options: PromoteOptions): Promise<PromoteRun>;
  /** Compares the selected projects, or given references, with the world. */
  verify(options: VerifyOptions): Promise<VerifyRun>;
  /** Copies signatures and attestations from the canonical registry to the other destinations. */
  replicate(projects: readonly string[] | undefined, options: ReplicateOptions): Promise<ReplicateRun>;
  close(): Promise<void>;
}
