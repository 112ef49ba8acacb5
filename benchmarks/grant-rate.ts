// SPDX-License-Identifier: Apache-2.0
// Grants of a budget that is never used up, from memory and from the file that processes share: how many a second, and what
// one costs. What a store can give bounds what any budget can be. Usage: node benchmarks/grant-rate.ts
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { median, printLine } from './support/benchmark-line.ts';
import { roundsOr } from './support/rounds.ts';

const GRANTS_EACH = 20_000;
const AT_ONCE = 32;
/** No budget that a registry publishes is above this: a store that gives less would be the bottleneck. */
const ENOUGH_PER_SECOND = 2000;

interface Cost {
  readonly wallMs: number;
  readonly cpuUs: number;
}

interface Taker {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: AsyncIterator<string>;
  readonly reader: Interface;
}

const program = fileURLToPath(new URL('support/grant-taker.ts', import.meta.url));
const rounds = roundsOr(3);
for (const { name, isShared, processes } of [
  { name: 'memory, 1 process', isShared: false, processes: 1 },
  { name: 'sqlite, 1 process', isShared: true, processes: 1 },
  { name: 'sqlite, 4 processes', isShared: true, processes: 4 },
]) {
  const runs: { perSecond: number; cpuUs: number }[] = [];
  for (let round = 0; round < rounds; round += 1) runs.push(await measure(isShared, processes));
  const perSecond = median(runs.map((run) => run.perSecond));
  printLine({
    benchmark: 'grant-rate',
    case: name,
    ratios: { enoughToMeasured: ENOUGH_PER_SECOND / perSecond },
    counts: {},
    measured: { grantsPerSecond: perSecond, cpuUsPerGrant: median(runs.map((run) => run.cpuUs)) },
    broken: [],
    notes: [],
  });
}

async function measure(isShared: boolean, processes: number): Promise<{ perSecond: number; cpuUs: number }> {
  const dir = mkdtempSync(join(tmpdir(), 'promograph-grants-'));
  try {
    const file = isShared ? join(dir, 'budget.sqlite') : 'memory';
    const takers = await Promise.all(Array.from({ length: processes }, () => startTaker(file)));
    for (const { child } of takers) child.stdin.write('go\n');
    const costs = await Promise.all(takers.map(costOf));
    const wallMs = Math.max(...costs.map((cost) => cost.wallMs));
    return { perSecond: (processes * GRANTS_EACH * 1000) / wallMs, cpuUs: median(costs.map((cost) => cost.cpuUs)) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function startTaker(file: string): Promise<Taker> {
  const args = [program, file, String(GRANTS_EACH), String(AT_ONCE)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const reader = createInterface(child.stdout);
  const lines = reader[Symbol.asyncIterator]();
  await lines.next();
  return { child, lines, reader };
}

async function costOf({ lines, reader }: Taker): Promise<Cost> {
  const { value } = await lines.next();
  reader.close();
  return JSON.parse(String(value)) as Cost;
}
