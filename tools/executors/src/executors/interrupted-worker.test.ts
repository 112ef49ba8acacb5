// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** What Nx's own worker does with a batch: it runs it and hands each result on as soon as there is one. */
const WORKER = `
const { runStages } = await import(process.argv[1]);
const { graph, inputs, root } = JSON.parse(process.argv[2]);
for await (const { task, result } of runStages(graph, inputs, {}, { root })) console.log('RESULT ' + task + ' ' + result.status);
setInterval(() => undefined, 1_000); // Nx's worker has a channel open and never ends by itself
`;

const silentRegistry = createServer();
let root: string;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'promograph-worker-'));
  silentRegistry.listen(0, '127.0.0.1');
  await once(silentRegistry, 'listening');
});

afterEach(() => {
  silentRegistry.close();
  rmSync(root, { recursive: true, force: true });
});

function writeProject(project: string, host: string): void {
  for (const group of ['manifests', 'images']) mkdirSync(join(root, group, project), { recursive: true });
  const registries = `registries:\n- name: ${host}/staging\n  src: true\n- name: ${host}/prod\n`;
  writeFileSync(join(root, 'manifests', project, 'promoter-manifest.yaml'), registries);
  const images = `- name: ${project}\n  dmap:\n    "sha256:${'1'.repeat(64)}": ["v1"]\n`;
  writeFileSync(join(root, 'images', project, 'images.yaml'), images);
}

describe('a worker that gets SIGTERM', () => {
  it('reports every task once and ends by itself', async () => {
    const { port } = silentRegistry.address() as AddressInfo;
    for (const project of ['a', 'b', 'c']) writeProject(project, `127.0.0.1:${port}`);
    const options = (project: string): object => ({
      ...{ stage: 'snapshot', project, tree: '.', stateDir: '.promo', concurrency: 1 },
    });
    const inputs = { 'a:snapshot': options('a'), 'b:snapshot': options('b'), 'c:snapshot': options('c') };
    const graph = { tasks: inputs, dependencies: { 'c:snapshot': ['b:snapshot'] } };
    const module = fileURLToPath(new URL('./run-stages.ts', import.meta.url));
    const args = ['--input-type=module', '--eval', WORKER, module, JSON.stringify({ graph, inputs, root })];
    const worker = spawn(process.execPath, args, { env: { ...process.env, XDG_STATE_HOME: join(root, '.state') } });
    let output = '';
    worker.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    worker.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));

    await once(silentRegistry, 'connection');
    worker.kill('SIGTERM');
    const [exitCode] = (await once(worker, 'close')) as [number | null];

    const results = output.split('\n').filter((line) => line.startsWith('RESULT '));
    expect([...results].sort(), output).toEqual([
      'RESULT a:snapshot failure',
      'RESULT b:snapshot skipped',
      'RESULT c:snapshot skipped',
    ]);
    expect(exitCode).toBe(143);
  });
});
