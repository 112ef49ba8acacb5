// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import type { CreateNodes, CreateNodesResultArray } from '@nx/devkit';
import { PLUGIN_NAME } from './engine.ts';
import { normalizeOptions } from './plugin-options.ts';
import type { PluginOptions } from './plugin-options.ts';
import { STAGE_NAMES, stageTargets } from './stage-targets.ts';

/** Nx asks an ESM plugin for its name. */
export const name: string = PLUGIN_NAME;

/**
 * Makes an Nx project of every `manifests/<p>/promoter-manifest.yaml` below the configured tree roots. It reads no file and
 * never throws, because one throw would break every command of the workspace; `validate` reports what is wrong in a file.
 */
export const createNodes: CreateNodes<PluginOptions> = ['**/manifests/*/promoter-manifest.yaml', inferProjects];

/** The name under which Nx 21 and older tools look for `createNodes`. */
export const createNodesV2: CreateNodes<PluginOptions> = createNodes;

function inferProjects(files: readonly string[], options: unknown): CreateNodesResultArray {
  const { prefixByRoot, stateDir, problem } = normalizeOptions(options);
  const taken = new Set<string>();
  return [...files].sort().flatMap((file): CreateNodesResultArray => {
    const root = posix.dirname(file.replaceAll('\\', '/'));
    const tree = posix.dirname(posix.dirname(root));
    const prefix = prefixByRoot.get(tree);
    if (prefix === undefined) return [];
    const project = posix.basename(root);
    const nxName = uniqueName(prefix + project, tree, taken);
    const targets = stageTargets({ project, tree, stateDir, problem });
    const metadata = {
      description: `Container images that ${project} promotes`,
      technologies: ['oci'],
      targetGroups: { Promotion: [...STAGE_NAMES] },
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

/** Two projects with one name break every Nx command, so the second of them is told apart by its tree. */
function uniqueName(wanted: string, tree: string, taken: Set<string>): string {
  let candidate = wanted;
  while (taken.has(candidate)) candidate = `${tree.replaceAll('/', '-')}-${candidate}`;
  taken.add(candidate);
  return candidate;
}
