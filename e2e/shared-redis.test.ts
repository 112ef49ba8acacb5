// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildImage, pushImage, startRegistry } from '@promograph/devstack';
import { type Arrival, type CappedRegistry, startCappedRegistry } from './support/capped-registry.ts';
import { PromotionLab, type ProgramRun } from './support/promotion-lab.ts';
import { type RedisProcess, startRedis } from './support/redis-process.ts';

const CAP = 120;
const JITTER_MS = 20;
const DIGESTS = 110;
/** Of all four processes at a host that has nothing and lists nothing: tag, digest and source, and one for the names of all tags. */
const REQUESTS = 4 * (DIGESTS * 3 + 1);
const PASSWORD = 'only for this test';
/** Projects of each machine; every project is a process of its own. */
const SHARDS = [
  ['one', 'two'],
  ['three', 'four'],
] as const;

let redis: RedisProcess;
let machines: PromotionLab[];
beforeEach(async () => {
  redis = await startRedis(PASSWORD);
  // Two machines share no file: each has a state directory of its own.
  machines = SHARDS.map(() => new PromotionLab());
  for (const machine of machines) machine.env['PROMOGRAPH_STORE_PASSWORD'] = PASSWORD;
});
afterEach(async () => {
  for (const machine of machines) await machine.close();
  await redis.close();
});

function config(hosts: readonly string[], requestsPerSecond: number): string {
  const registries = hosts.map((host) => `  "${host}": { listing: oci, requestsPerSecond: ${requestsPerSecond} }\n`);
  return `apiVersion: promograph/v1\nlimiter: { store: "${redis.url}" }\nregistries:\n${registries.join('')}`;
}

function writeTrees(registry: CappedRegistry, digestsEach: number): void {
  for (const [index, machine] of machines.entries()) {
    for (const name of SHARDS[index] ?? []) {
      const digests = Array.from({ length: digestsEach }, (_, n) => {
        return [`sha256:${createHash('sha256').update(`${name} ${n}`).digest('hex')}`, [`v${n}`]] as const;
      });
      machine.project(name, [registry.host, registry.host], { [name]: Object.fromEntries(digests) });
    }
    machine.write('promograph.yaml', config([registry.host], CAP));
  }
}

function startShards(): Promise<ProgramRun>[] {
  return machines.flatMap((machine, index) =>
    (SHARDS[index] ?? []).map((name) => machine.start('plan', '--project', name).ended),
  );
}

function within(arrivals: readonly Arrival[], from: number, to: number): number {
  return arrivals.filter(({ atMs }) => atMs >= from && atMs < to).length;
}

function refusals(arrivals: readonly Arrival[]): number {
  return arrivals.filter(({ status }) => status === 429).length;
}

function busyTime(arrivals: readonly Arrival[]): { from: number; to: number } {
  const own = SHARDS.flat().map((name) => arrivals.filter(({ who }) => who === name).map(({ atMs }) => atMs));
  return {
    from: Math.max(...own.map(([first]) => first ?? Infinity)),
    to: Math.min(...own.map((times) => times.at(-1) ?? 0)),
  };
}

// A machine that stands still for a tenth of a second delivers requests late, whoever paced them: each may be tried again.
describe('two machines that share one Redis', { retry: 2 }, () => {
  it('never ask more than the host takes, and use more than nine tenths of it', async () => {
    const registry = machines[0]?.keep(await startCappedRegistry(CAP, JITTER_MS)) as CappedRegistry;
    writeTrees(registry, DIGESTS);

    const runs = await Promise.all(startShards());

    const arrivals = await registry.arrivals();
    const { from, to } = busyTime(arrivals);
    for (const { exitCode, stdout, stderr } of runs) {
      expect(exitCode, stdout + stderr).toBe(5);
      expect(stderr).not.toContain('cannot be reached');
    }
    expect(arrivals).toHaveLength(REQUESTS);
    expect(refusals(arrivals)).toBe(0);
    expect(within(arrivals, from, to) / ((to - from) / 1000) / CAP).toBeGreaterThan(0.9);
  });

  it('end within their share of the budget when it is stopped in the middle', async () => {
    const registry = machines[0]?.keep(await startCappedRegistry(CAP, JITTER_MS)) as CappedRegistry;
    writeTrees(registry, DIGESTS);
    const ended = startShards();
    await expect.poll(async () => (await registry.arrivals()).length, { timeout: 120_000 }).toBeGreaterThan(500);
    await redis.stop();
    const stoppedAt = (await registry.arrivals()).at(-1)?.atMs ?? 0;

    const runs = await Promise.all(ended);

    const arrivals = await registry.arrivals();
    const { to } = busyTime(arrivals);
    const later = within(arrivals, stoppedAt + 1500, to) / ((to - stoppedAt - 1500) / 1000);
    for (const { exitCode, stdout, stderr } of runs) {
      expect(exitCode, stdout + stderr).toBe(5);
      expect(stderr.split('the store of the request budget cannot be reached').length, stderr).toBe(2);
    }
    expect(arrivals.filter(({ status }) => status !== 429)).toHaveLength(REQUESTS);
    expect(refusals(arrivals) / arrivals.length).toBeLessThan(0.01);
    // Never none, and never without a limit.
    expect(later).toBeGreaterThan(0.6 * CAP);
    expect(later).toBeLessThanOrEqual(CAP);
  });

  it('both promote, ask for one token for each scope, and leave one lease to each tag', async () => {
    const auth = { mode: 'bearer', users: [{ username: 'robot', password: 'password' }] } as const;
    const lab = machines[0] as PromotionLab;
    const registry = lab.keep(await startRegistry({ auth }));
    const image = buildImage({ layers: [{ sizeBytes: 50_000, seed: 'shared' }] });
    const credentials = { username: 'robot', password: 'password' };
    await pushImage({ url: registry.url, repository: 'staging/app', image, credentials });
    for (const machine of machines) {
      const login = Buffer.from('robot:password').toString('base64');
      machine.write('docker/config.json', JSON.stringify({ auths: { [registry.host]: { auth: login } } }));
      machine.env['DOCKER_CONFIG'] = `${machine.tree}/docker`;
      machine.project('app', [registry.host, registry.host], { app: { [image.manifest.digest]: ['v1', 'v2'] } });
      machine.write('promograph.yaml', config([registry.host], 100));
    }
    registry.clearRequests();

    const runs = await Promise.all(machines.map((machine) => machine.run('promote', '--confirm')));

    for (const { exitCode, stdout, stderr } of runs) expect(exitCode, stdout + stderr).toBe(0);
    const tokens = registry.requests.filter(({ path }) => path.startsWith('/token'));
    const puts = registry.requests.filter(({ method, path }) => method === 'PUT' && /\/manifests\/v[12]$/.test(path));
    expect(new Set(tokens.map(({ path }) => path)).size).toBe(tokens.length);
    expect(puts).toHaveLength(2);
    expect(runs.map(({ stderr }) => stderr).join('')).not.toContain('this machine only');
  });
});
