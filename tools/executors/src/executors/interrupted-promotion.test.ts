// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { buildImage, pushImage, type RunningRegistry, startRegistry, writeProject } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** What Nx's own worker does with a batch; Nx turns an interruption into SIGTERM for it, and kills it 5 s later. */
const WORKER = `
const { runStages } = await import(process.argv[1]);
const { graph, inputs, root } = JSON.parse(process.argv[2]);
for await (const { task, result } of runStages(graph, inputs, {}, { root })) console.log('RESULT ' + task + ' ' + result.status);
setInterval(() => undefined, 1_000);
`;
const NX_KILLS_AFTER_MS = 5_000;

let root: string;
let staging: RunningRegistry;
let production: RunningRegistry;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'promograph-interrupted-'));
  [staging, production] = await Promise.all([startRegistry(), startRegistry()]);
});
afterEach(async () => {
  await Promise.all([staging.close(), production.close()]);
  rmSync(root, { recursive: true, force: true });
});

async function push(name: string): Promise<string> {
  const image = buildImage({ layers: [{ sizeBytes: 1000, seed: name }] });
  await pushImage({ url: staging.url, repository: `staging/${name}`, image });
  return image.manifest.digest;
}

describe('a batch of promotions that is interrupted', () => {
  it('leaves receipts of what was done and ends before Nx kills it', async () => {
    const [quick, stuck] = [await push('quick'), await push('stuck')];
    const images = { quick: { [quick]: ['v1'] }, stuck: { [stuck]: ['v1'] } };
    writeProject({ treeDir: root, name: 'app', hosts: [staging.host, production.host], images });
    production.setFault(({ path, method }) =>
      path.startsWith('/v2/prod/stuck/blobs/uploads/') && method === 'PUT' ? { kind: 'delay', ms: 60_000 } : undefined,
    );
    const inputs = {
      'app:promote': { stage: 'promote', project: 'app', tree: '.', stateDir: '.promo', concurrency: 1, confirm: true },
    };
    const graph = { tasks: inputs, dependencies: {} };
    const module = fileURLToPath(new URL('./run-stages.ts', import.meta.url));
    const args = ['--input-type=module', '--eval', WORKER, module, JSON.stringify({ graph, inputs, root })];
    const worker = spawn(process.execPath, args, { env: { ...process.env, XDG_STATE_HOME: join(root, '.state') } });
    let output = '';
    worker.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    worker.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const journal = join(root, '.promo', 'app', 'promote.jsonl');
    const isDone = (): boolean => existsSync(journal) && readFileSync(journal, 'utf8').includes(quick);
    await expect.poll(isDone, { timeout: 60_000 }).toBe(true);

    worker.kill('SIGTERM');
    await expect.poll(() => worker.exitCode, { timeout: NX_KILLS_AFTER_MS, message: output }).toBe(143);

    const receipt = JSON.parse(readFileSync(join(root, '.promo', 'app', 'promote.json'), 'utf8')) as object;
    expect(receipt).toMatchObject({ confirmed: true, summary: { copied: 1, failed: 0, skipped: 1 } });
    expect(output).toContain('RESULT app:promote failure');
  });
});
