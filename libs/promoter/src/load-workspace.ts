// SPDX-License-Identifier: Apache-2.0
import { basename, dirname, join, resolve } from 'node:path';
import {
  hasErrors,
  readBaseline,
  readConfig,
  readPlainManifest,
  readTree,
  sortFindings,
  type Baseline,
  type Tree,
} from '@promograph/manifest';
import { edgesOf, foreignClaimsByProject, type ForeignClaim, type PromotionEdge } from '@promograph/plan';
import { findTree } from './find-tree.ts';
import { findingsOn } from './findings-on.ts';
import { narrowSince } from './narrow-since.ts';
import { PromoterError } from './promoter-error.ts';
import type { SessionOptions, Workspace } from './session.ts';

/** A workspace with what stages derive from it: edges of every project, and the claims of others on each. */
export interface LoadedWorkspace extends Workspace {
  readonly baseline: Baseline;
  /** Paths of the configuration are relative to it. */
  readonly configDir: string;
  /** The configuration has errors, so the settings are the defaults. */
  readonly isConfigInvalid: boolean;
  /** Edges of the projects, narrowed when the session is. */
  edgesOf(projects: readonly string[]): readonly PromotionEdge[];
  /** Edges of the whole tree, whatever was selected or narrowed. */
  readonly everyEdge: readonly PromotionEdge[];
  /** Claims of projects outside `projects` on their `destination:tag`s. */
  claimsOn(projects: readonly string[]): readonly ForeignClaim[];
  hasErrors(project: string): boolean;
  readonly isLostAccepted: (edge: PromotionEdge) => boolean;
}

/**
 * Finds and reads tree, configuration and baseline. Findings are data; only a tree that is not there, a project that
 * nobody knows, or a file that cannot be read throws.
 */
export async function loadWorkspace(options: SessionOptions): Promise<LoadedWorkspace> {
  const plain = options.manifestFile === undefined ? null : resolve(options.cwd, options.manifestFile);
  const root = plain === null ? findTree(options.cwd, options.treeDir) : dirname(plain);
  const baseline = await readBaseline(root, fromCwd(options, options.baselineFile));
  const tree = plain === null ? await readTree(root, { baseline }) : await readPlainManifest(plain, { baseline });
  const { config: configured, findings: configFindings } = await readConfig(root, fromCwd(options, options.configFile));
  const config = { ...configured, ...options.settings?.(configured) };
  const findings = sortFindings([...tree.findings, ...configFindings]);
  const selection = selectProjects(tree, options.projects);
  const edges = await workspaceEdges(tree, root, options);
  return {
    root,
    stateDir: stateDirOf(options, root),
    tree,
    config,
    findings,
    ...selection,
    ...edges,
    baseline,
    configDir: options.configFile === undefined ? root : dirname(resolve(options.cwd, options.configFile)),
    isConfigInvalid: hasErrors(configFindings),
    hasErrors: (project) => hasErrors(findingsOn(findings, project)),
    isLostAccepted: (edge) => baseline.accepts('lost-image', edge.at.file, edge.digest),
  };
}

function fromCwd(options: SessionOptions, file: string | undefined): string | undefined {
  return file === undefined ? undefined : resolve(options.cwd, file);
}

function stateDirOf(options: SessionOptions, root: string): string {
  return options.stateDir === undefined ? join(root, '.promo') : resolve(options.cwd, options.stateDir);
}

type Selection = Pick<Workspace, 'projects' | 'brokenProjects'>;

function selectProjects(tree: Tree, wanted: readonly string[] | undefined): Selection {
  const known = new Set(tree.projectNames);
  for (const project of wanted ?? []) {
    if (known.has(project)) continue;
    throw new PromoterError('PROMOTER_UNKNOWN_PROJECT', `no project ${project} in ${basename(tree.root)}`, {
      hint: `Known projects: ${[...known].sort().slice(0, 10).join(', ')}${known.size > 10 ? ', ...' : ''}`,
    });
  }
  const selected = wanted === undefined ? known : new Set(wanted);
  const usable = new Set(tree.projects.map(({ name }) => name));
  return {
    projects: [...selected].filter((project) => usable.has(project)).sort(),
    brokenProjects: [...selected].filter((project) => !usable.has(project)).sort(),
  };
}

type Edges = Pick<LoadedWorkspace, 'narrowed' | 'everyEdge' | 'edgesOf' | 'claimsOn'>;

/** Overlaps are always looked for over the whole tree; `since` only narrows what is asked and done. */
async function workspaceEdges(tree: Tree, root: string, options: SessionOptions): Promise<Edges> {
  const all = edgesOf(tree.projects);
  const kept = options.since === undefined ? all : await narrow(all, root, { ...options, since: options.since });
  const byProject = Map.groupBy(kept, ({ project }) => project);
  const claims = foreignClaimsByProject(all);
  return {
    narrowed:
      options.since === undefined
        ? null
        : { ref: options.since, keptEdges: kept.length, leftOutEdges: all.length - kept.length },
    everyEdge: all,
    edgesOf: (projects) => projects.flatMap((project) => byProject.get(project) ?? []),
    claimsOn: (projects) => projects.flatMap((project) => claims.get(project) ?? []),
  };
}

function narrow(
  current: readonly PromotionEdge[],
  root: string,
  options: SessionOptions & { readonly since: string },
): Promise<readonly PromotionEdge[]> {
  const { since: ref, manifestFile, env, signal } = options;
  const plain = manifestFile === undefined ? {} : { plainManifest: basename(manifestFile) };
  return narrowSince({ root, ref, current, env, signal, ...plain });
}
