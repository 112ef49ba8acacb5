// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TaskLab } from './task-lab.ts';

const LOST = `sha256:${'0'.repeat(64)}`;

describe('runTask', () => {
  let lab: TaskLab;

  beforeEach(async () => {
    lab = new TaskLab();
    await lab.open();
  });
  afterEach(() => lab.close());

  it('runs the stages one after another, with the summary first', async () => {
    expect(await lab.run('snapshot')).toEqual({ success: true, text: 'web: read 2 repositories' });
    expect(await lab.run('plan')).toMatchObject({ success: true, text: expect.stringMatching(/^web: 1 to add/) });
    expect(await lab.run('validate')).toMatchObject({ success: true, text: expect.stringMatching(/^web: valid/) });
    expect((await lab.run('promote', { confirm: true })).success).toBe(true);
  });

  it('says what is missing when there is no snapshot to plan from', async () => {
    const result = await lab.run('plan');

    expect(result.success).toBe(false);
    expect(result.text).toContain('web has no snapshot to plan from');
  });

  it('is green with a lost image, red when asked to be, and green again when it is acknowledged', async () => {
    lab.project('web', lab.hosts, { web: { [lab.digest]: ['v1'], [LOST]: ['v0'] } });
    await lab.run('snapshot');
    expect((await lab.run('plan')).success).toBe(true);
    expect((await lab.run('plan', { failOn: ['lost'] })).success).toBe(false);
    expect((await lab.run('promote', { confirm: true })).success).toBe(false);

    const entry = `  - code: lost-image\n    file: images/web/images.yaml\n    value: ${LOST}\n`;
    lab.write('promograph-baseline.yaml', `apiVersion: promograph/v1\naccepted:\n${entry}`);

    expect((await lab.run('plan', { failOn: ['lost'] })).success).toBe(true);
    expect((await lab.run('promote', { confirm: true })).success).toBe(true);
  });

  it('is red for a mistake in a file that every project depends on', async () => {
    lab.write('promograph.yaml', 'apiVersion: promograph/v1\nregistrys: {}\n');

    const result = await lab.run('validate');

    expect(result.success).toBe(false);
    expect(result.text).toContain('promograph.yaml:2:1');
  });

  it('fails a snapshot only when nothing could be read', async () => {
    lab.hosts.push(await lab.start());
    lab.project('web', lab.hosts, { web: { [lab.digest]: ['v1'] } });
    lab.hosts[1]?.setFault(() => ({ kind: 'status', status: 403 }));
    expect(await lab.run('snapshot')).toMatchObject({
      success: true,
      text: expect.stringContaining('could not be read'),
    });

    for (const host of lab.hosts) host.setFault(() => ({ kind: 'status', status: 403 }));
    expect((await lab.run('snapshot')).success).toBe(false);
  });
});
