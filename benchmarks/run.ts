// SPDX-License-Identifier: Apache-2.0
// Runs benchmarks one after the other and says what moved since their baselines.
// Usage: npm run bench -- [--update] [--rounds N] [name ...]
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { compareWithBaseline, readBaseline, writeBaseline } from './support/baseline.ts';
import { type BenchmarkLine, parseLines } from './support/benchmark-line.ts';

const LIMIT_MS = 30 * 60_000;
const directory = fileURLToPath(new URL('.', import.meta.url));
const known = readdirSync(directory)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -3));

const { positionals: named, values: flags } = parseArgs({
  allowPositionals: true,
  options: { update: { type: 'boolean', default: false }, rounds: { type: 'string' } },
});
const env = flags.rounds === undefined ? {} : { PROMOGRAPH_BENCH_ROUNDS: flags.rounds };
const unknown = named.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`bench: no benchmark ${unknown.join(', ')}; there are ${known.join(', ')}`);
  process.exitCode = 3;
} else {
  let isBroken = false;
  for (const name of named.length > 0 ? named : known) if (!(await runBenchmark(name))) isBroken = true;
  process.exitCode = isBroken ? 1 : 0;
}

/** False when a counted promise was broken or the benchmark did not run; timings are only told. */
async function runBenchmark(name: string): Promise<boolean> {
  console.log(`\n${name}`);
  const options = { env, reject: false, timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 };
  const run = await execa(process.execPath, [join(directory, `${name}.ts`)], options);
  const lines = parseLines(run.stdout);
  if (lines.length === 0) console.log(`  did not run: ${run.stderr.slice(-2000)}`);
  const file = join(directory, 'baselines', `${name}.json`);
  const baseline = existsSync(file) ? readBaseline(file) : [];
  for (const line of lines) printCase(line, compareWithBaseline(line, baseline));
  const isWhole = lines.length > 0 && lines.every(({ broken }) => broken.length === 0) && run.exitCode === 0;
  if (flags.update && isWhole) writeBaseline(file, lines);
  return isWhole;
}

function printCase(line: BenchmarkLine, moved: readonly string[]): void {
  console.log(`  ${line.case}`);
  for (const [name, value] of Object.entries(line.ratios)) {
    console.log(`    ${name.padEnd(24)} ${value.toFixed(2).padStart(8)} x${value > 1 ? '  above its aim' : ''}`);
  }
  for (const [name, value] of [...Object.entries(line.counts), ...Object.entries(line.measured)]) {
    console.log(`    ${name.padEnd(24)} ${String(Math.round(value * 100) / 100).padStart(8)}`);
  }
  for (const note of line.notes) console.log(`    note: ${note}`);
  for (const change of moved) console.log(`    moved: ${change}`);
  for (const promise of line.broken) console.log(`    BROKEN: ${promise}`);
}
