// SPDX-License-Identifier: Apache-2.0

/** What one case of a benchmark found: printed as one JSON line, read by `run.ts`, kept in `baselines/`. */
export interface BenchmarkLine {
  readonly benchmark: string;
  /** Which variant of it. */
  readonly case: string;
  /** Ours over a peer's or over an aim, measured in one run: less is better, 1 is the aim. They compare between machines. */
  readonly ratios: Readonly<Record<string, number>>;
  /** What does not depend on the machine, such as requests and bytes. */
  readonly counts: Readonly<Record<string, number>>;
  /** Medians on this machine: `...Ms`, `...Mb` (10^6 bytes) and the like. */
  readonly measured: Readonly<Record<string, number>>;
  /** Counted promises that were broken: these fail the run. Timings never do. */
  readonly broken: readonly string[];
  /** What a reader must know to judge the numbers: a generated corpus, a peer that is not installed. */
  readonly notes: readonly string[];
}

/** Prints the line on stdout, with three digits behind the point at most, and fails the process for a broken promise. */
export function printLine(line: BenchmarkLine): void {
  const rounded = { ratios: round(line.ratios), counts: round(line.counts), measured: round(line.measured) };
  process.stdout.write(`${JSON.stringify({ ...line, ...rounded })}\n`);
  if (line.broken.length > 0) process.exitCode = 1;
}

/** The lines among other output. */
export function parseLines(output: string): BenchmarkLine[] {
  const objects = output.split('\n').filter((line) => line.startsWith('{"benchmark":'));
  return objects.map((line) => JSON.parse(line) as BenchmarkLine);
}

/** The middle one, of two the lower. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error('no numbers to take the median of');
  return middle;
}

function round(numbers: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value.toFixed(3))]));
}
