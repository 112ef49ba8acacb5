// SPDX-License-Identifier: Apache-2.0
import type { TargetConfiguration } from '@nx/devkit';
import { ENGINE, IS_FROM_SOURCE, PLUGIN_NAME, SOURCE_PACKAGES } from './engine.ts';

/** One project of a promotion tree, as paths relative to the workspace root. */
export interface ProjectPlace {
  /** Name of the directory below `manifests`, which is the project's name inside its tree. */
  readonly project: string;
  /** Root of the tree, `.` for the workspace root. */
  readonly tree: string;
  /** State directory relative to the tree's root. */
  readonly stateDir: string;
  readonly problem: string | undefined;
}

interface StageRow {
  readonly stage: 'snapshot' | 'validate' | 'plan' | 'promote';
  readonly description: string;
  /**
   * Nx makes one batch of all tasks of an executor that are ready. What depends on nothing shares `inspect`; what is behind
   * the uncached snapshot is `run`, because in one batch with it Nx 22 and 23 would never look it up in the cache.
   */
  readonly executor: 'inspect' | 'run';
  readonly cache: boolean;
  readonly dependsOn: readonly string[];
  /** The artifact that Nx keeps and restores. */
  readonly output: string | null;
  readonly configurations: Readonly<Record<string, object>>;
  readonly exampleOptions: Readonly<Record<string, unknown>>;
}

const PRESUBMIT = { presubmit: { failOn: ['invalid', 'refused', 'lost', 'unverified'] } };

const STAGES: readonly StageRow[] = [
  {
    stage: 'snapshot',
    description: 'Reads what the registries hold of the images this project names. Changes nothing; never cached.',
    executor: 'inspect',
    cache: false,
    dependsOn: [],
    output: 'snapshot.json',
    configurations: {},
    exampleOptions: { concurrency: 16 },
  },
  {
    stage: 'validate',
    description: 'Checks the YAML of this project without any network.',
    executor: 'inspect',
    cache: true,
    dependsOn: [],
    output: 'validate.json',
    configurations: PRESUBMIT,
    exampleOptions: { failOn: ['invalid'] },
  },
  {
    stage: 'plan',
    description:
      'Says what promotion would copy, tag and refuse. From the cache exactly when neither YAML nor registries changed.',
    executor: 'run',
    cache: true,
    dependsOn: ['snapshot'],
    output: 'plan.json',
    configurations: PRESUBMIT,
    exampleOptions: { failOn: ['invalid', 'refused'] },
  },
  {
    stage: 'promote',
    description:
      'With --confirm: reads the registries again, copies the images that are missing, then tags them. Without: changes nothing.',
    executor: 'run',
    cache: false,
    dependsOn: ['validate', 'plan'],
    output: null,
    configurations: { confirm: { confirm: true } },
    exampleOptions: { confirm: true },
  },
];

/** Names of the targets in the order in which they run. */
export const STAGE_NAMES: readonly string[] = STAGES.map((row) => row.stage);

/** Targets of one project. Every one names the same files, because Nx 24 picks affected tasks by their inputs. */
export function stageTargets(place: ProjectPlace): Record<string, TargetConfiguration> {
  return Object.fromEntries(STAGES.map((row) => [row.stage, target(row, place)]));
}

function target(row: StageRow, place: ProjectPlace): TargetConfiguration {
  const reads = row.dependsOn.includes('snapshot') ? [{ dependentTasksOutputFiles: '**/snapshot.json' }] : [];
  const artifacts = inTree(place, `${place.stateDir}/${place.project}`);
  return {
    executor: `${PLUGIN_NAME}:${row.executor}`,
    cache: row.cache,
    ...(row.dependsOn.length > 0 && { dependsOn: [...row.dependsOn] }),
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
