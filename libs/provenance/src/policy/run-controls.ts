// SPDX-License-Identifier: Apache-2.0
import { bindingProblem } from './builder-binding.ts';
import type { SignedProvenance } from './check-caller.ts';
import { isClaimed } from './claimable-builders.ts';
import type { BuildLevel, PolicyViolationCode } from './policy-result.ts';
import { isSameRepository } from './source-repository.ts';

/** A control that a provenance did not pass. */
export interface ControlFailure {
  readonly control: string;
  /** The SLSA build level that needs it. */
  readonly level: 1 | 2 | 3;
  readonly code: PolicyViolationCode;
  readonly message: string;
}

interface Control extends Omit<ControlFailure, 'message'> {
  /** Null when passed. */
  readonly problem: (signed: SignedProvenance) => string | null;
}

/** The controls of the SLSA verifier for the build track of SLSA 1.0, under its names. */
const CONTROLS: readonly Control[] = [
  { control: 'source-repo-match', level: 1, code: 'PROVENANCE_SOURCE', problem: sourceProblem },
  { control: 'builder-id-trusted', level: 2, code: 'PROVENANCE_BUILDER', problem: builderProblem },
  { control: 'provenance-l2-complete', level: 2, code: 'PROVENANCE_INCOMPLETE', problem: identityProblem },
  { control: 'builder-identity-bound', level: 2, code: 'PROVENANCE_BINDING', problem: boundProblem },
  { control: 'provenance-has-invocation-id', level: 3, code: 'PROVENANCE_INCOMPLETE', problem: invocationProblem },
  {
    control: 'provenance-has-resolved-dependencies',
    level: 3,
    code: 'PROVENANCE_INCOMPLETE',
    problem: dependencyProblem,
  },
];

/** What a provenance came to under the controls. */
export interface ControlOutcome {
  /** The highest level whose controls, and those of all levels below, passed. */
  readonly level: BuildLevel;
  /** Failures that count: of every level with `minimum` 0, else of the levels up to it. */
  readonly failures: readonly ControlFailure[];
}

/** Runs all controls. `minimum` is the level that the policy demands; 0 demands all of them. */
export function runControls(signed: SignedProvenance, minimum: 0 | 2 | 3): ControlOutcome {
  const failed = CONTROLS.flatMap(({ problem, ...control }): ControlFailure[] => {
    const message = problem(signed);
    return message === null ? [] : [{ ...control, message: `${control.control}: ${message}` }];
  });
  const level = Math.min(3, ...failed.map((failure) => failure.level - 1)) as BuildLevel;
  return { level, failures: failed.filter((failure) => minimum === 0 || failure.level <= minimum) };
}

function sourceProblem({ provenance, sources }: SignedProvenance): string | null {
  const { source } = provenance;
  if (source === null) return 'it records no source';
  return sources.some((expected) => isSameRepository(expected, source))
    ? null
    : `source ${source} is not in the policy`;
}

function builderProblem({ provenance, builders }: SignedProvenance): string | null {
  const id = provenance.builderId;
  if (builders.some((builder) => isClaimed(builder, id))) return null;
  return `builder ${id === '' ? '(none)' : id} is none that its signer may claim: ${builders.map((builder) => builder.id).join(', ')}`;
}

function identityProblem({ provenance }: SignedProvenance): string | null {
  if (provenance.buildType === '') return 'it has no build type';
  return provenance.builderId === '' ? 'it has no builder id' : null;
}

function boundProblem({ provenance, principal, sources }: SignedProvenance): string | null {
  const { source } = provenance;
  const built = sources.filter((expected) => source !== null && isSameRepository(expected, source));
  return bindingProblem(provenance, principal, built.length > 0 ? built : sources);
}

function invocationProblem({ provenance }: SignedProvenance): string | null {
  return provenance.invocationId === '' ? 'it has no invocation id' : null;
}

function dependencyProblem({ provenance }: SignedProvenance): string | null {
  return provenance.dependencyCount === 0 ? 'it lists no resolved dependencies' : null;
}
