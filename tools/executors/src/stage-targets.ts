// SPDX-License-Identifier: Apache-2.0
import type { TargetConfiguration } from '@nx/devkit';
import { type StageRow, stageRows } from './stage-rows.ts';
import type { TreeFeatures } from './tree-features.ts';
import { ENGINE, IS_FROM_SOURCE, PLUGIN_NAME, SOURCE_PACKAGES } from './engine.ts';

/** One project of a promotion tree, as paths relative to the workspace root. */
export interface ProjectPlace {
  /** Name of the directory below `manifests`, which is the project's name inside its tree. */
  readonly project: string;
  /** Root of the tree, `.` for the workspace root. */
  readonly tree: string;
  /** State directory relative to the tree's root. */
  readonly stateDir: string;
  readonly features: TreeFeatures;
  readonly problem: string | undefined;
}

/** Targets of one project. Every one names the same files, because Nx 24 picks affected tasks by their inputs. */
export function stageTargets(place: ProjectPlace): Record<string, TargetConfiguration> {
  return Object.fromEntries(stageRows(place.features).map((row) => [row.stage, target(row, place)]));
}

function target(row: StageRow, place: ProjectPlace): TargetConfiguration {
  const reads = row.dependsOn.includes('snapshot') ? [{ dependentTasksOutputFiles: '**/snapshot.json' }] : [];
  const artifacts = inTree(place, `${place.stateDir}/${place.project}`);
  return {
    executor: `${PLUGIN_NAME}:${row.executor}`,
    cache: row.cache,
    ...(row.dependsOn.length > 0 && { dependsOn: dependenciesOf(row) }),
    inputs: [...sharedInputs(place), ...reads],
    ...(row.output !== null && { outputs: [`${artifacts}/${row.output}`] }),
    options: {
      stage: row.stage,
      project: place.project,
      tree: place.tree,
      stateDir: place.stateDir,
      engine: ENGINE,
      ...(place.problem !== undefined && { problem: place.problem }),
    },
    ...(Object.keys(row.configurations).length > 0 && { configurations: row.configurations }),
    metadata: {
      description: row.description,
      technologies: ['oci'],
      // The graph page runs this command: it must not hold anything that the tree names.
      help: { command: `npx promograph ${row.stage} --help`, example: { options: { ...row.exampleOptions } } },
    },
  };
}

/** Without `params` Nx would run the stages before with none of the flags: they dry, the last one confirmed. */
function dependenciesOf({ dependsOn, forwards }: StageRow): NonNullable<TargetConfiguration['dependsOn']> {
  return dependsOn.map((name) => (forwards ? { target: name, params: 'forward' } : name));
}

function sharedInputs(place: ProjectPlace): NonNullable<TargetConfiguration['inputs']> {
  return [
    '{projectRoot}/promoter-manifest.yaml',
    inTree(place, `images/${place.project}/images.yaml`),
    inTree(place, 'promograph.yaml'),
    inTree(place, 'promograph-baseline.yaml'),
    // Otherwise Nx adds every external dependency, and each change of the lockfile would drop all plans.
    { externalDependencies: [] },
    ...(IS_FROM_SOURCE ? [{ input: 'default', projects: [...SOURCE_PACKAGES] }] : []),
  ];
}

function inTree(place: ProjectPlace, path: string): string {
  return place.tree === '.' ? `{workspaceRoot}/${path}` : `{workspaceRoot}/${place.tree}/${path}`;
}
