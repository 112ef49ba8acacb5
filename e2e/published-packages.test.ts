// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packArchives } from './support/packed-archives.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const COMMAND_TIMEOUT_MS = 60_000;

/** Uses the API as a script outside the repository would; types that were lost and became `any` must not compile. */
const CONSUMER = `
import { loadSettings, type Settings } from '@promograph/redirector';
import worker from '@promograph/redirector/worker';
import { isPromographError, openSession, runTask, type PlanRun, type TaskResult } from 'promograph';

const session = await openSession({ cwd: '.', env: process.env, homeDir: '/nowhere' });
const run: PlanRun = await session.plan();
console.log(run.plans.map((plan) => plan.summary.add + plan.summary.refused));
const result: TaskResult = await runTask(session, { stage: 'plan', project: 'x', confirm: false, failOn: ['invalid'] });
const isStageChecked: 'plant' extends Parameters<typeof runTask>[1]['stage'] ? never : true = true;
console.log(result.success, isStageChecked, isPromographError(null));
const { policy }: Settings = await loadSettings({ configFile: 'r.yaml', env: process.env, region: undefined });
const isPolicyTyped: 'plant' extends (typeof policy.backends)[number]['kind'] ? never : true = true;
console.log(isPolicyTyped, typeof worker.fetch);
`;

describe('the packages that are published', () => {
  const dir = mkdtempSync(join(tmpdir(), 'promograph-published-'));

  beforeAll(async () => {
    const archives = await packArchives();
    writeFileSync(join(dir, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n');
    const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', 'nx@24.0.6', ...archives];
    await execa('npm', args, { cwd: dir, timeout: 3 * COMMAND_TIMEOUT_MS });
  });

  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  const promograph = (...args: readonly string[]): Promise<{ exitCode?: number; stdout: string; stderr: string }> =>
    execa(join(dir, 'node_modules', '.bin', 'promograph'), args, {
      ...{ cwd: dir, reject: false, timeout: COMMAND_TIMEOUT_MS },
    });

  it.each(['promograph', '@promograph/nx', '@promograph/redirector'])('%s has its licence and a readme', (name) => {
    for (const file of ['LICENSE', 'README.md', 'package.json']) {
      expect(existsSync(join(dir, 'node_modules', name, file)), file).toBe(true);
    }
  });

  it.each(['promograph', 'nx', 'redirector'])('dist/%s is laid out as publint wants it', async (folder) => {
    const { messages } = await publint({ pkgDir: join(repository, 'dist', folder), strict: true, pack: false });

    expect(messages).toEqual([]);
  });

  it('start as a command, and answer with the contracted exit codes', async () => {
    expect(await promograph('--version')).toMatchObject({ exitCode: 0, stdout: '0.1.0' });
    expect(await promograph('plan', '--manifests', 'nowhere')).toMatchObject({ exitCode: 3, stdout: '' });
  });

  it('redirect: the redirector starts as a command, and its worker imports nothing', async () => {
    const bin = join(dir, 'node_modules', '.bin', 'promograph-redirector');
    const explain = await execa(bin, ['explain', '/v2/p/manifests/v1'], {
      ...{ cwd: dir, timeout: COMMAND_TIMEOUT_MS },
      env: { UPSTREAM_REGISTRY_ENDPOINT: 'https://registry.example', UPSTREAM_REGISTRY_PATH: 'prod' },
    });
    const worker = readFileSync(join(dir, 'node_modules/@promograph/redirector/dist/worker.js'), 'utf8');

    expect(explain.stdout).toContain('307 https://registry.example/v2/prod/p/manifests/v1');
    expect(worker).not.toMatch(/^import\b/m);
    expect(worker).toMatch(/as default/);
  });

  it('come with types that a strict compiler takes', async () => {
    writeFileSync(join(dir, 'consumer.ts'), CONSUMER);
    const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
    const nodeTypes = join(repository, 'node_modules', '@types');
    const flags = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--types', 'node', '--typeRoots', nodeTypes];
    const language = ['--module', 'nodenext', '--target', 'es2024', '--lib', 'es2024,esnext.disposable'];

    const { exitCode, stdout } = await execa(process.execPath, [tsc, ...flags, ...language, 'consumer.ts'], {
      ...{ cwd: dir, reject: false, timeout: COMMAND_TIMEOUT_MS },
    });

    expect(exitCode, stdout).toBe(0);
  });
});
