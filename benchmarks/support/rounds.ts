// SPDX-License-Identifier: Apache-2.0

/** How often each case is measured: `--rounds N` of `run.ts` through the environment, else `fallback`. Medians are told. */
export function roundsOr(fallback: number): number {
  const asked = Number(process.env['PROMOGRAPH_BENCH_ROUNDS'] ?? fallback);
  if (!Number.isSafeInteger(asked) || asked < 1) throw new Error('rounds must be a whole number of at least 1');
  return asked;
}
