// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unsupportedNode } from './node-guard.ts';
import { runStage } from './run-stage.ts';
import { runStages } from './run-stages.ts';
import type { StageResult } from './run-stages.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'promograph-stages-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function run(dependencies: Record<string, readonly unknown[]>): Promise<StageResult[]> {
  const ids = Object.keys(dependencies);
  const tasks = Object.fromEntries(ids.map((id) => [id, {}]));
  const inputs = Object.fromEntries(
    ids.map((id) => [id, { stage: id.split(':')[1], project: id.split(':')[0], tree: '.', stateDir: '.promo' }]),
  );
  const results: StageResult[] = [];
  for await (const result of runStages({ tasks, dependencies }, inputs, {}, { root })) results.push(result);
  return results;
}

describe('runStages', () => {
  it.each([
    ['objects, as Nx 24 hands them over', [{ id: 'foo:plan' }]],
    ['text, as older ones do', ['foo:plan']],
  ])('knows dependencies that are %s', async (_, edges) => {
    const results = await run({ 'foo:promote': edges, 'foo:plan': [] });

    expect(results.map(({ task, result }) => [task, result.status])).toEqual([
      ['foo:plan', 'failure'],
      ['foo:promote', 'skipped'],
    ]);
    expect(results[0]?.result.success).toBe(false);
    expect(results[0]?.result.terminalOutput).toContain('foo');
  });

  it('leaves no signal handler behind', async () => {
    const before = process.listenerCount('SIGTERM');

    await run({ 'foo:plan': [] });

    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});

describe('runStage', () => {
  it('answers for one task what the batch would', async () => {
    const options = { stage: 'plan', project: 'foo', tree: '.', stateDir: '.promo' };

    expect(await runStage(options, { root, projectName: 'foo', targetName: 'plan' })).toEqual({ success: false });
  });
});

describe('unsupportedNode', () => {
  it.each(['22.22.2', '22.23.0', '24.15.0', '24.21.0', '26.0.0'])('takes %s', (version) => {
    expect(unsupportedNode(version)).toBeUndefined();
  });

  it.each(['18.20.0', '20.20.2', '22.22.1', '22.9.0', '23.11.0', '24.14.9', '25.2.0'])('names %s', (version) => {
    expect(unsupportedNode(version)).toContain(version);
  });
});
