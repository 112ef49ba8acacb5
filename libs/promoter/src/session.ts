// SPDX-License-Identifier: Apache-2.0
import type { Finding, PromographConfig, Tree } from '@promograph/manifest';
import type { ProjectPlan } from '@promograph/plan';
import type { PromoteReceipt, SnapshotArtifact, ValidateReport } from '@promograph/report';
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
  readonly baselineFile?: string;
  /** Environment for credentials, proxies and state directories. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  readonly onEvent?: (event: PromoterEvent) => void;
  readonly signal?: AbortSignal;
}

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
}

/** Result of promoting: a receipt per project, and what could not be used or reached. */
export interface PromoteRun {
  readonly receipts: readonly PromoteReceipt[];
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
  /** Offline rules over the selected projects; writes `validate.json` of each. */
  validate(projects?: readonly string[]): Promise<readonly ValidateReport[]>;
  /** Derives everything live and, with `confirm`, copies and tags; writes `promote.jsonl` and `promote.json`. */
  promote(projects: readonly string[] | undefined, options: PromoteOptions): Promise<PromoteRun>;
  close(): Promise<void>;
}
