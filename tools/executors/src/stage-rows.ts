// SPDX-License-Identifier: Apache-2.0
import type { TaskStage } from '@promograph/promoter';
import type { TreeFeatures } from './tree-features.ts';

/** One target of every project. */
export interface StageRow {
  readonly stage: TaskStage;
  readonly description: string;
  /**
   * Nx makes one batch of all tasks of an executor that are ready. What depends on nothing shares `inspect`; what is behind
   * the uncached snapshot is `run`, because in one batch with it Nx 22 and 23 would never look it up in the cache.
   */
  readonly executor: 'inspect' | 'run';
  readonly cache: boolean;
  /** With `forwards`, flags such as --confirm are handed on to what the target depends on. */
  readonly dependsOn: readonly string[];
  readonly forwards: boolean;
  /** The artifact that Nx keeps and restores. */
  readonly output: string | null;
  readonly configurations: Readonly<Record<string, object>>;
  readonly exampleOptions: Readonly<Record<string, unknown>>;
}

const PRESUBMIT = { presubmit: { failOn: ['invalid', 'refused', 'lost', 'unverified'] } };

const CONFIRM = { confirm: { confirm: true } };

const SNAPSHOT: StageRow = {
  stage: 'snapshot',
  description: 'Reads what the registries hold of the images this project names. Changes nothing; never cached.',
  executor: 'inspect',
  cache: false,
  dependsOn: [],
  forwards: false,
  output: 'snapshot.json',
  configurations: {},
  exampleOptions: { concurrency: 16 },
};

const VALIDATE: StageRow = {
  stage: 'validate',
  description: 'Checks the YAML of this project without any network.',
  executor: 'inspect',
  cache: true,
  dependsOn: [],
  forwards: false,
  output: 'validate.json',
  configurations: PRESUBMIT,
  exampleOptions: { failOn: ['invalid'] },
};

/** The evidence is named by digest in the snapshot, so that the verdict on it may come from the cache. */
const VALIDATE_WITH_GATE: StageRow = {
  ...VALIDATE,
  description:
    'Checks the YAML of this project, and what the gate says of the signatures, provenance and scans that the snapshot names.',
  executor: 'run',
  dependsOn: ['snapshot'],
};

const PLAN: StageRow = {
  stage: 'plan',
  description:
    'Says what promotion would copy, tag and refuse. From the cache exactly when neither YAML nor registries changed.',
  executor: 'run',
  cache: true,
  dependsOn: ['snapshot'],
  forwards: false,
  output: 'plan.json',
  configurations: PRESUBMIT,
  exampleOptions: { failOn: ['invalid', 'refused'] },
};

const WRITES = {
  executor: 'run',
  cache: false,
  output: null,
  configurations: CONFIRM,
  exampleOptions: { confirm: true },
} as const;

const CHAIN: readonly StageRow[] = [
  {
    ...WRITES,
    stage: 'promote',
    description:
      'With --confirm: reads the registries again, copies the images that are missing, then tags them, unless a later stage of the run does. Without: changes nothing.',
    dependsOn: ['validate', 'plan'],
    forwards: false,
  },
  {
    ...WRITES,
    stage: 'sign',
    description:
      'With --confirm: copies what is missing, signs what passed the gate, then tags it, unless attest is in the run. Without: changes nothing.',
    dependsOn: ['promote'],
    forwards: true,
  },
  {
    ...WRITES,
    stage: 'attest',
    description:
      'The whole chain. With --confirm: copies what is missing, signs and attests what passed the gate, then tags it. Without: changes nothing.',
    dependsOn: ['sign'],
    forwards: true,
  },
];

/** Behind nothing: one red image of the chain must not keep the signatures of the others from the mirrors. */
const REPLICATE: StageRow = {
  ...WRITES,
  stage: 'replicate',
  description:
    'With --confirm: copies signatures and attestations from the canonical repositories to the other destinations. Without: says what is missing there.',
  dependsOn: [],
  forwards: false,
};

/** The targets of a project in the order in which they run. */
export function stageRows({ hasGate, replicates }: TreeFeatures): readonly StageRow[] {
  const validate = hasGate ? VALIDATE_WITH_GATE : VALIDATE;
  return [SNAPSHOT, validate, PLAN, ...CHAIN, ...(replicates ? [REPLICATE] : [])];
}
