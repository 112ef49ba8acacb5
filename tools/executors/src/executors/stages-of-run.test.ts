// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { type GraphTask, tasksBehindSnapshot, tasksHandingOver } from './stages-of-run.ts';

/** Tasks by id (`project:target[:configuration]`), those with an exclamation mark behind them run with --confirm. */
function graph(...names: readonly string[]): Record<string, GraphTask> {
  return Object.fromEntries(
    names.map((name) => {
      const id = name.replace('!', '');
      const [project = '', target = '', configuration] = id.split(':');
      const overrides = name.endsWith('!') ? { confirm: true } : {};
      return [
        id,
        { target: { project, target, ...(configuration === undefined ? {} : { configuration }) }, overrides },
      ];
    }),
  );
}

describe('tasksHandingOver', () => {
  it.each<[string, string, Record<string, GraphTask>, boolean]>([
    ['a promotion alone publishes', 'a:promote', graph('a:plan!', 'a:promote!'), false],
    ['a promotion hands over to a signature', 'a:promote', graph('a:promote!', 'a:sign!'), true],
    ['a promotion hands over to an attestation', 'a:promote', graph('a:promote!', 'a:attest!'), true],
    ['a signature hands over to an attestation', 'a:sign', graph('a:promote!', 'a:sign!', 'a:attest!'), true],
    ['the last stage publishes', 'a:attest', graph('a:promote!', 'a:sign!', 'a:attest!'), false],
    ['a signature that is last publishes', 'a:sign', graph('a:promote!', 'a:sign!'), false],
    ["another project's stages do not count", 'a:promote', graph('a:promote!', 'b:attest!'), false],
    ['a dry run hands over to a dry run', 'a:promote', graph('a:promote', 'a:sign'), true],
    ['nothing is handed to a stage that will not write', 'a:promote', graph('a:promote!', 'a:attest'), false],
    ['the configuration confirms, too', 'a:promote:confirm', graph('a:promote:confirm', 'a:attest:confirm'), true],
    ['replication publishes no tags', 'a:attest', graph('a:attest!', 'a:replicate!'), false],
    ['a task that the graph does not know publishes', 'a:promote', {}, false],
  ])('%s', (_name, id, tasks, expected) => {
    expect(tasksHandingOver([id], tasks).has(id)).toBe(expected);
  });

  it('looks at the tasks that were asked for alone', () => {
    const tasks = graph('a:promote!', 'a:attest!', 'b:promote!', 'b:attest!', 'c:promote!');

    expect(tasksHandingOver(['a:promote', 'a:attest', 'c:promote'], tasks)).toEqual(new Set(['a:promote']));
  });
});

describe('tasksBehindSnapshot', () => {
  it.each<[string, string, Record<string, GraphTask>, boolean]>([
    ['a promotion behind snapshot and plan', 'a:promote', graph('a:snapshot', 'a:plan', 'a:promote'), true],
    ['the last stage of a chain', 'a:attest', graph('a:snapshot', 'a:plan', 'a:promote', 'a:sign', 'a:attest'), true],
    ['no promotion that is alone in its run', 'a:promote', graph('a:promote'), false],
    [
      'none without the plan, which is what waits for the snapshot',
      'a:promote',
      graph('a:snapshot', 'a:promote'),
      false,
    ],
    ["none behind another project's snapshot", 'a:promote', graph('b:snapshot', 'b:plan', 'a:promote'), false],
    ['no task that the graph does not know', 'a:promote', {}, false],
  ])('knows %s', (_name, id, tasks, expected) => {
    expect(tasksBehindSnapshot([id], tasks).has(id)).toBe(expected);
  });
});
