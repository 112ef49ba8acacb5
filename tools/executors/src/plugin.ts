// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import type { CreateNodes, CreateNodesContext, CreateNodesResultArray } from '@nx/devkit';
import { PLUGIN_NAME } from './engine.ts';
import { normalizeOptions } from './plugin-options.ts';
import type { PluginOptions } from './plugin-options.ts';
import { stageTargets } from './stage-targets.ts';
import { readTreeFeatures } from './tree-features.ts';

/** Nx asks an ESM plugin for its name. */
export const name: string = PLUGIN_NAME;

/**
 * Makes an Nx project of every `manifests/<p>/promoter-manifest.yaml` below the configured tree roots. It parses no YAML and
 * never throws, because one throw would break every command of the workspace; `validate` reports what is wrong in a file. It
 * runs on each Node that Nx runs on: a task says it where that is too old for promograph.
 */
export const createNodes: CreateNodes<PluginOptions> = ['**/manifests/*/promoter-manifest.yaml', inferProjects];

/** The name under which Nx 21 and older tools look for `createNodes`. */
export const createNodesV2: CreateNodes<PluginOptions> = createNodes;

function inferProjects(
  files: readonly string[],
  options: unknown,
  { workspaceRoot }: CreateNodesContext,
): CreateNodesResultArray {
  const { prefixByRoot, stateDir, given, problem } = normalizeOptions(options);
  const featuresByTree = new Map(
    [...prefixByRoot.keys()].map((tree) => {
      const manifests = files.filter((file) => treeOf(file) === tree);
      return [tree, readTreeFeatures({ workspaceRoot, tree, manifests, given })];
    }),
  );
  const taken = new Set<string>();
  return [...files].sort().flatMap((file): CreateNodesResultArray => {
    const root = posix.dirname(file.replaceAll('\\', '/'));
    const tree = treeOf(file);
    const prefix = prefixByRoot.get(tree);
    const features = featuresByTree.get(tree);
    if (prefix === undefined || features === undefined) return [];
    const project = posix.basename(root);
    const nxName = uniqueName(prefix + project, tree, taken);
    const targets = stageTargets({ project, tree, stateDir, features, problem });
    const metadata = {
      description: `Container images that ${project} promotes`,
      technologies: ['oci'],
      targetGroups: { Promotion: Object.keys(targets) },
    };
    return [
      [
        file,
        {
          projects: {
            [root]: { name: nxName, projectType: 'application', tags: ['type:promotion'], metadata, targets },
          },
        },
      ],
    ];
  });
}

/** Root of the tree that a promoter manifest belongs to. */
function treeOf(file: string): string {
  return posix.join(posix.dirname(file.replaceAll('\\', '/')), '../..');
}

/** Two projects with one name break every Nx command, so the second of them is told apart by its tree. */
function uniqueName(wanted: string, tree: string, taken: Set<string>): string {
  let candidate = wanted;
  while (taken.has(candidate)) candidate = `${tree.replaceAll('/', '-')}-${candidate}`;
  taken.add(candidate);
  return candidate;
}
