// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Arrival, type CappedRegistry, startCappedRegistry } from './support/capped-registry.ts';
import { PromotionLab, type RunningProgram } from './support/promotion-lab.ts';

/**
 * Requests that a project of so many digests costs at a host that has none of them and lists nothing: tag and digest, then the
 * source, and one in vain for the names of all tags.
 */
function requestsFor(digests: number): number {
  return digests * 3 + 1;
}
const PROCESSES = ['one', 'two', 'three', 'four'] as const;
/** How unevenly the network delivers. */
const JITTER_MS = 20;

let lab: PromotionLab;
beforeEach(() => {
  lab = new PromotionLab();
});
afterEach(() => lab.close());

function digests(name: string, count: number): Record<string, readonly string[]> {
  const entries = Array.from({ length: count }, (_, index) => {
    return [`sha256:${createHash('sha256').update(`${name} ${index}`).digest('hex')}`, [`v${index}`]] as const;
  });
  return Object.fromEntries(entries);
}

/** A project per process, all at one host. */
function writeTree(registry: CappedRegistry, perProcess: number, requestsPerSecond: number): void {
  for (const name of PROCESSES) {
    lab.project(name, [registry.host, registry.host], { [name]: digests(name, perProcess) });
  }
  lab.write(
    'promograph.yaml',
    `apiVersion: promograph/v1
registries:
  "${registry.host}": { listing: oci, requestsPerSecond: ${requestsPerSecond} }
`,
  );
}

function startAll(): RunningProgram[] {
  return PROCESSES.map((name) => lab.start('plan', '--project', name));
}

/** The time in which all processes had something to ask: from when the last had begun until the first had ended. */
function busyTime(arrivals: readonly Arrival[]): { from: number; to: number } {
  const spans = PROCESSES.map((name) => {
    const own = arrivals.filter(({ who }) => who === name).map(({ atMs }) => atMs);
    return { first: own[0] ?? Infinity, last: own.at(-1) ?? 0 };
  });
  return { from: Math.max(...spans.map(({ first }) => first)), to: Math.min(...spans.map(({ last }) => last)) };
}

function within(arrivals: readonly Arrival[], from: number, to: number): readonly Arrival[] {
  return arrivals.filter(({ atMs }) => atMs >= from && atMs < to);
}

function refusals(arrivals: readonly Arrival[]): number {
  return arrivals.filter(({ status }) => status === 429).length;
}

// A machine that stands still for a tenth of a second delivers requests late, whoever paced them: each may be tried again.
describe('four processes that share one budget', { retry: 2 }, () => {
  it('never ask more than the host takes, and use more than nine tenths of it', async () => {
    const registry = lab.keep(await startCappedRegistry(120, JITTER_MS));
    writeTree(registry, 140, 120);

    const runs = await Promise.all(startAll().map(({ ended }) => ended));

    const arrivals = await registry.arrivals();
    const { from, to } = busyTime(arrivals);
    const perSecond = (within(arrivals, from, to).length * 1000) / (to - from);
    for (const { exitCode, stdout, stderr } of runs) expect(exitCode, stdout + stderr).toBe(5);
    expect(refusals(arrivals)).toBe(0);
    expect(arrivals).toHaveLength(PROCESSES.length * requestsFor(140));
    expect(to - from).toBeGreaterThan(5000);
    expect(perSecond / 120).toBeGreaterThan(0.9);
  });

  it('find the pace of a host that takes less than was written down', async () => {
    const registry = lab.keep(await startCappedRegistry(100, JITTER_MS));
    writeTree(registry, 180, 250);

    await Promise.all(startAll().map(({ ended }) => ended));

    const arrivals = await registry.arrivals();
    const { from, to } = busyTime(arrivals);
    const later = within(arrivals, from + 5000, to);
    const taken = later.length - refusals(later);
    expect(to - from).toBeGreaterThan(12_000);
    expect(refusals(later) / later.length).toBeLessThan(0.02);
    expect((taken * 1000) / (to - from - 5000)).toBeGreaterThan(70);
  });

  it('go on when one of them is killed in the middle', async () => {
    const registry = lab.keep(await startCappedRegistry(120, JITTER_MS));
    writeTree(registry, 120, 120);
    const programs = startAll();
    await expect.poll(async () => (await registry.arrivals()).length, { timeout: 120_000 }).toBeGreaterThan(300);
    programs[0]?.kill('SIGKILL');
    const killedAt = (await registry.arrivals()).at(-1)?.atMs ?? 0;

    const runs = await Promise.all(programs.map(({ ended }) => ended));

    const arrivals = await registry.arrivals();
    const { from, to } = { from: killedAt + 200, to: killedAt + 3200 };
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([null, 5, 5, 5]);
    expect(refusals(arrivals) / arrivals.length).toBeLessThan(0.01);
    // Those that are left take up what the dead one no longer uses.
    expect(within(arrivals, from, to).length).toBeGreaterThan(0.7 * 120 * 3);
  });
});
