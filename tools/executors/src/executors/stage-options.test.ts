// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { readStageOptions } from './stage-options.ts';

const base = { stage: 'plan', project: 'foo', tree: '.', stateDir: '.promo', engine: 'test' };

describe('readStageOptions', () => {
  it('fills in the defaults', () => {
    expect(readStageOptions(base, '/w')).toEqual({
      request: { stage: 'plan', project: 'foo', confirm: false, failOn: ['invalid'], failFast: false, scope: 'run' },
      treeDir: '/w',
      stateDir: '/w/.promo',
      concurrency: 16,
    });
  });

  it.each([
    ['a list', ['refused', 'lost']],
    ['text with commas', 'refused, lost'],
  ])('takes failOn as %s', (_, failOn) => {
    expect(readStageOptions({ ...base, failOn }, '/w').request.failOn).toEqual(['refused', 'lost']);
  });

  it('takes flags as the command line spells them', () => {
    const options = { ...base, stage: 'promote', confirm: 'true', failFast: 'true', concurrency: '4', verbose: true };

    const task = readStageOptions({ ...options, __overrides_unparsed__: [] }, '/w');

    expect(task).toMatchObject({ request: { confirm: true, failFast: true }, concurrency: 4 });
  });

  it.each([
    ['an unknown flag', { dryRun: true }, 'unknown option --dryRun'],
    ['a free argument', { _: ['foo'] }, 'unexpected argument ["foo"]'],
    ['--confirm with a word', { confirm: 'yes' }, '--confirm takes true or false, not "yes"'],
    [
      'an unknown reason to fail',
      { failOn: ['refuse'] },
      '--failOn takes invalid, refused, lost, unverified, not "refuse"',
    ],
    ['no reason to fail at all', { failOn: '' }, '--failOn takes'],
    ['a concurrency of zero', { concurrency: 0 }, '--concurrency takes a whole number from 1 to 512, not 0'],
    ['a concurrency that is no number', { concurrency: 'many' }, '--concurrency takes a whole number'],
    ['a stage that does not exist', { stage: 'publish' }, 'option stage must be one of'],
    ['a scope that does not exist', { scope: 'all' }, '--scope takes run or present, not "all"'],
    ['a target that the plugin did not make', { tree: undefined }, 'option tree is missing'],
    ['options of the plugin that are wrong', { problem: 'options in nx.json: x' }, 'options in nx.json: x'],
  ])('refuses %s in one line', (_, more, message) => {
    const read = (): unknown => readStageOptions({ ...base, ...more }, '/w');

    expect(read).toThrow(message);
    expect(read).not.toThrow(/\n/);
  });
});
