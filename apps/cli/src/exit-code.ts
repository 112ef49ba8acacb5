// SPDX-License-Identifier: Apache-2.0

/** The classes of outcomes that a caller of the program can branch on, with the exit code of each. */
export const EXIT_CODES = {
  done: 0,
  bug: 1,
  changes: 2,
  input: 3,
  unavailable: 3,
  refused: 4,
  partial: 5,
  outside: 6,
  interrupted: 130,
} as const;

/** One class of outcome; a run may have several. */
export type Outcome = keyof typeof EXIT_CODES;

/** Who wins when a run has several outcomes: what the user must look at first comes first. */
const PRECEDENCE: readonly Outcome[] = [
  'interrupted',
  'bug',
  'input',
  'unavailable',
  'refused',
  'outside',
  'partial',
  'changes',
  'done',
];

/** The exit code of a run with these outcomes: 130 > 1 > 3 > 4 > 6 > 5 > 2 > 0; none is 0. */
export function exitCodeOf(outcomes: Iterable<Outcome>): number {
  const seen = new Set(outcomes);
  return EXIT_CODES[PRECEDENCE.find((outcome) => seen.has(outcome)) ?? 'done'];
}

/**
 * The exit code of `cip` with these outcomes: 0 or 1 as its users' scripts expect, 3 where something that signing needs is not configured, and 130.
 * Lost images are no failure there; a run that leaves them out of `outcomes` says so.
 */
export function cipExitCodeOf(outcomes: Iterable<Outcome>): number {
  const seen = new Set(outcomes);
  if (seen.has('interrupted')) return EXIT_CODES.interrupted;
  if (seen.has('unavailable')) return EXIT_CODES.unavailable;
  return [...seen].some((outcome) => outcome !== 'done' && outcome !== 'changes') ? 1 : 0;
}

/** What each exit code means, for help texts: one line each, in numeric order. */
export const EXIT_CODE_MEANINGS: readonly (readonly [number, string])[] = [
  [0, 'done, or nothing to do'],
  [1, 'unexpected: a bug'],
  [2, 'changes are pending (only with plan --detailed-exitcode)'],
  [3, 'the input is wrong: flags, manifests, configuration'],
  [4, 'refused: a tag would move, digests overlap, the gate or a verification says no, the plan is stale'],
  [5, 'partly done, or images are lost: run again to resume'],
  [6, 'trouble outside after retries: network, credentials, quota'],
  [130, 'interrupted'],
];
