// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningRegistry, startRegistry } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPeerRegistry } from './support/peer-registry.ts';
import { type Mirror, RedirectorLab, registryAt } from './support/redirector-lab.ts';
import type { RedirectorProgram } from './support/redirector-program.ts';

const HEALTH = { interval: '500ms', timeout: '300ms', fall: 2, rise: 2 };

let lab: RedirectorLab;
let westDir: string;
let west: RunningRegistry;
let canonical: Mirror;
let door: RedirectorProgram;
beforeEach(async () => {
  lab = new RedirectorLab();
  westDir = mkdtempSync(join(tmpdir(), 'promograph-west-'));
  west = await startRegistry({ dir: westDir });
  canonical = lab.keep(await startPeerRegistry('docker-registry'));
  const east = lab.keep(await startRegistry());
  for (const mirror of [west, east, canonical]) await lab.push(mirror, 'app', ['v1']);
  const regions = { west: { ...registryAt(west), next: ['east'] }, east: registryAt(east) };
  door = await lab.open(canonical, regions, { health: HEALTH });
});
afterEach(async () => {
  await west.close();
  await lab.close();
  rmSync(westDir, { recursive: true, force: true });
});

const metrics = async (): Promise<string> => (await fetch(`${door.metricsUrl}/metrics`)).text();

/** Whether a whole pull succeeds: index, image, config and layer. */
async function pulls(name: string): Promise<boolean> {
  const { exitCode } = await lab.run(
    'crane',
    'pull',
    '--platform',
    'linux/amd64',
    `${door.host}/app:v1`,
    join(lab.dir, name),
  );
  return exitCode === 0;
}

describe('a region that stops in the middle of a loop of pulls', () => {
  it('fails no pull once its health check has told, and serves again when it is back', async () => {
    for (let at = 0; at < 5; at += 1) expect(await pulls(`before-${at}`)).toBe(true);

    await west.close();
    let before = 0;
    while (!(await metrics()).includes('backend_healthy{backend="west"} 0')) {
      before += 1;
      await pulls(`meanwhile-${before}`);
      expect(before, 'the health check never told').toBeLessThan(500);
    }
    const after = [];
    for (let at = 0; at < 20; at += 1) after.push(await pulls(`after-${at}`));

    expect(after).toEqual(Array(20).fill(true));
    expect(await metrics()).toMatch(/backend="east",reason="next-region"/);

    west = await startRegistry({ dir: westDir, port: west.port });
    await expect.poll(metrics).toContain('backend_healthy{backend="west"} 1');
    const answer = await fetch(`${door.url}/v2/app/manifests/v1`, { redirect: 'manual' });
    expect(answer.headers.get('location')).toContain(west.url);
    expect(await pulls('again')).toBe(true);
  });
});

describe('the program', () => {
  it('keeps the old configuration when the new is wrong, takes a right one, and ends on SIGTERM', async () => {
    const statusOf = async (): Promise<number> => {
      return (await fetch(`${door.url}/v2/app/tags/list`, { redirect: 'manual' })).status;
    };
    const config = { canonical: [registryAt(canonical)], regions: { west: registryAt(west) }, default: 'west' };

    door.configure({ ...config, nonsense: true });
    door.signal('SIGHUP');
    await expect.poll(door.messages).toMatch(/redirector\.yaml:\d+:\d+: unknown key nonsense/);
    expect(await statusOf()).toBe(307);

    door.configure({ ...config, takedown: [{ repository: 'app' }] });
    door.signal('SIGHUP');
    await expect.poll(statusOf).toBe(451);
    expect(await metrics()).toContain('reloads_total{result="refused"} 1');

    door.signal('SIGTERM');
    expect(await door.ended).toBe(0);
  });
});
