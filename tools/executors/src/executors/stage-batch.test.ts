// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { PromoterError } from '@promograph/promoter';
import type { Session, SessionOptions, TaskRequest } from '@promograph/promoter';
import { describe, expect, it, vi } from 'vitest';
import { runStageBatch } from './stage-batch.ts';
import type { StageBatch, StagePorts } from './stage-batch.ts';
import type { TaskOutcome } from './schedule.ts';

type Options = Readonly<Record<string, unknown>>;

const optionsOf = (stage: string, project: string, more: Options = {}): Options => ({
  stage,
  project,
  tree: '.',
  stateDir: '.promo',
  engine: 'test',
  ...more,
});

function fakePorts(): { ports: StagePorts; opened: SessionOptions[]; requests: TaskRequest[]; closed: () => number } {
  const opened: SessionOptions[] = [];
  const requests: TaskRequest[] = [];
  const close = vi.fn(async () => undefined);
  const ports: StagePorts = {
    openSession: async (options) => {
      opened.push(options);
      options.onEvent?.({ type: 'notice', message: 'opened' });
      return { close } as unknown as Session;
    },
    runTask: async (_session, request) => {
      requests.push(request);
      return { success: true, text: `${request.project}: ${request.stage}` };
    },
  };
  return { ports, opened, requests, closed: () => close.mock.calls.length };
}

async function collect(batch: Partial<StageBatch> & Pick<StageBatch, 'options' | 'ports'>): Promise<TaskOutcome[]> {
  const outcomes: TaskOutcome[] = [];
  const dependencies = new Map([...batch.options.keys()].map((id) => [id, []]));
  const signal = new AbortController().signal;
  const handingOver = new Set<string>();
  const defaults = { workspaceRoot: '/w', dependencies, handingOver, behindSnapshot: new Set<string>() };
  const whole = { ...defaults, signal, write: () => undefined, ...batch };
  for await (const outcome of runStageBatch(whole)) outcomes.push(outcome);
  return outcomes;
}

describe('runStageBatch', () => {
  it('shares one session among all tasks of a tree, another among those of another tree, and closes both', async () => {
    const { ports, opened, closed } = fakePorts();
    const options = new Map([
      ['a:plan', optionsOf('plan', 'a')],
      ['b:plan', optionsOf('plan', 'b')],
      ['c:plan', optionsOf('plan', 'c', { tree: 'trees/x', stateDir: 'state' })],
    ]);

    const outcomes = await collect({ options, ports });

    expect(outcomes.map((outcome) => outcome.text)).toEqual(['a: plan', 'b: plan', 'c: plan']);
    expect(opened.map(({ treeDir, stateDir }) => [treeDir, stateDir])).toEqual([
      ['/w', '/w/.promo'],
      ['/w/trees/x', '/w/trees/x/state'],
    ]);
    expect(closed()).toBe(2);
  });

  it('opens no session when no task is left to run', async () => {
    const { ports, opened } = fakePorts();

    await collect({ options: new Map([['a:plan', optionsOf('plan', 'a', { confrim: true })]]), ports });

    expect(opened).toEqual([]);
  });

  it('tells a task that a later stage of its project is in the run', async () => {
    const { ports, requests } = fakePorts();
    const options = new Map(['promote', 'sign', 'attest'].map((stage) => [`a:${stage}`, optionsOf(stage, 'a')]));

    await collect({ options, ports, handingOver: new Set(['a:promote', 'a:sign']) });

    expect(requests.map(({ stage, handsOver }) => [stage, handsOver])).toEqual([
      ['promote', true],
      ['sign', true],
      ['attest', false],
    ]);
  });

  it('tells a task that its project was read in the same run', async () => {
    const { ports, requests } = fakePorts();
    const options = new Map(['a', 'b'].map((project) => [`${project}:promote`, optionsOf('promote', project)]));

    await collect({ options, ports, behindSnapshot: new Set(['a:promote']) });

    expect(requests.map(({ project, knowsRegistries }) => [project, knowsRegistries])).toEqual([
      ['a', true],
      ['b', false],
    ]);
  });

  it('lets --confirm reach only the stages that write', async () => {
    const { ports, requests } = fakePorts();
    const stages = ['snapshot', 'validate', 'plan', 'promote', 'sign', 'attest', 'replicate'];
    const options = new Map(stages.map((stage) => [stage, optionsOf(stage, 'a', { confirm: true })]));

    await collect({ options, ports });

    expect(Object.fromEntries(requests.map((request) => [request.stage, request.confirm]))).toEqual({
      snapshot: false,
      validate: false,
      plan: false,
      promote: true,
      sign: true,
      attest: true,
      replicate: true,
    });
  });

  it('fails a task with a wrong flag in one line and runs the others', async () => {
    const { ports } = fakePorts();
    const options = new Map([
      ['a:promote', optionsOf('promote', 'a', { confrim: true })],
      ['b:promote', optionsOf('promote', 'b')],
    ]);

    const outcomes = await collect({ options, ports });

    const wrong = outcomes.find((outcome) => outcome.id === 'a:promote');
    expect(wrong?.status).toBe('failure');
    expect(wrong?.text).toBe(
      'promograph: unknown option --confrim; there are --confirm, --failOn, --failFast, --scope, --concurrency',
    );
    expect(outcomes.find((outcome) => outcome.id === 'b:promote')?.status).toBe('success');
  });

  it('gives every task the reason and the hint when the tree cannot be opened', async () => {
    const { ports } = fakePorts();
    const openSession = async (): Promise<never> => {
      throw new PromoterError('PROMOTER_NO_TREE', 'no promotion tree at /w', { hint: 'make the directory manifests' });
    };
    const options = new Map([
      ['a:plan', optionsOf('plan', 'a')],
      ['b:plan', optionsOf('plan', 'b')],
    ]);

    const outcomes = await collect({ options, ports: { ...ports, openSession } });

    expect(outcomes.map((outcome) => outcome.text)).toEqual([
      'promograph: no promotion tree at /w (make the directory manifests)',
      'promograph: no promotion tree at /w (make the directory manifests)',
    ]);
  });

  it('writes what the promoter has to say while it runs', async () => {
    const { ports } = fakePorts();
    const written: string[] = [];

    await collect({
      options: new Map([['a:plan', optionsOf('plan', 'a')]]),
      ports,
      write: (text) => written.push(text),
    });

    expect(written).toEqual(['promograph: opened\n']);
  });

  it('hands its signal to the sessions', async () => {
    const { ports, opened } = fakePorts();
    const { signal } = new AbortController();

    await collect({ options: new Map([['a:plan', optionsOf('plan', 'a')]]), ports, signal });

    expect(opened[0]?.signal).toBe(signal);
    expect(opened[0]?.cwd).toBe(join('/w'));
  });
});
