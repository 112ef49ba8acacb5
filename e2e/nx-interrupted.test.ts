// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage, pushImage, type RunningRegistry, startRegistry, writeProject } from '@promograph/devstack';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNxWorkspace, type NxWorkspace, NX_VERSIONS } from './support/fresh-nx-workspace.ts';
import { packArchives } from './support/packed-archives.ts';

/** What an interrupted run may take to end; Nx kills its worker then. */
const ENDS_WITHIN_MS = 5_000;
const STARTS_WITHIN_MS = 60_000;
const STUCK = '/v2/prod/stuck/blobs/uploads/';

const image = buildImage({ layers: [{ sizeBytes: 2048, seed: 'interrupted' }] });
const { digest } = image.manifest;

let archives: readonly string[];

beforeAll(async () => {
  archives = await packArchives();
});

describe.each(NX_VERSIONS)('a batch of confirmed promotions on nx %s', (nxVersion) => {
  let staging: RunningRegistry;
  let production: RunningRegistry;
  let workspace: NxWorkspace;

  beforeAll(async () => {
    [staging, production] = await Promise.all([startRegistry(), startRegistry()]);
    workspace = await createNxWorkspace(nxVersion, archives);
    for (const name of ['quick', 'stuck']) {
      const hosts = [staging.host, production.host];
      writeProject({ treeDir: workspace.dir, name, hosts, images: { [name]: { [digest]: ['v1'] } } });
      await pushImage({ url: staging.url, repository: `staging/${name}`, image });
    }
  });

  afterAll(async () => {
    await Promise.all([staging?.close(), production?.close()]);
    workspace?.remove();
  });

  const fileOf = (project: string, name: string): string => {
    const path = join(workspace.dir, '.promo', project, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  const tagOf = (project: string): string | undefined => production.repositories()[`prod/${project}`]?.tags['v1'];

  it('ends in time when a terminal interrupts it, and leaves the receipts of what it did', async () => {
    const stuck: string[] = [];
    production.setFault(({ path, method }) => {
      if (!path.startsWith(STUCK) || method === 'GET') return undefined;
      stuck.push(path);
      return { kind: 'delay', ms: 600_000 };
    });
    const nx = join(workspace.dir, 'node_modules', '.bin', 'nx');
    const run = execa(nx, ['run-many', '-t', 'promote', '--confirm', '--output-style=static'], {
      ...{ cwd: workspace.dir, env: workspace.env, extendEnv: false, reject: false, all: true, detached: true },
    });
    const group = -(run.pid ?? Number.NaN);
    const isUnderWay = (): boolean => stuck.length > 0 && fileOf('quick', 'promote.json') !== '';
    await expect.poll(isUnderWay, { timeout: STARTS_WITHIN_MS }).toBe(true);

    // A terminal sends it to every process in the foreground: Nx and its worker alike.
    process.kill(group, 'SIGINT');
    await expect.poll(() => isAlive(group), { timeout: ENDS_WITHIN_MS, interval: 50 }).toBe(false);
    const { all, exitCode } = await run;
    production.setFault(undefined);

    expect(exitCode, all).not.toBe(0);
    expect(JSON.parse(fileOf('quick', 'promote.json'))).toMatchObject({ confirmed: true, summary: { copied: 1 } });
    expect(fileOf('quick', 'promote.jsonl')).toContain(digest);
    const receipt = JSON.parse(fileOf('stuck', 'promote.json')) as { summary: { failed: number; skipped: number } };
    expect(receipt).toMatchObject({ confirmed: true, summary: { copied: 0 } });
    expect(receipt.summary.failed + receipt.summary.skipped).toBe(1);
    expect([tagOf('quick'), tagOf('stuck')]).toEqual([digest, undefined]);
  });

  it('is completed by the next run', async () => {
    const { exitCode, output } = await workspace.nx('run-many', '-t', 'promote', '--confirm');

    expect(exitCode, output).toBe(0);
    expect([tagOf('quick'), tagOf('stuck')]).toEqual([digest, digest]);
  });
});

function isAlive(group: number): boolean {
  try {
    return process.kill(group, 0);
  } catch {
    return false;
  }
}
