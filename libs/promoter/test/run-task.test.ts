// SPDX-License-Identifier: Apache-2.0
import { buildImage, pushImage, type RunningRegistry } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runTask, type TaskRequest, type TaskResult } from '../src/index.ts';
import { Lab } from './lab.ts';

const LOST = `sha256:${'0'.repeat(64)}`;

describe('runTask', () => {
  let lab: Lab;
  let hosts: RunningRegistry[];
  const image = buildImage({ layers: [{ sizeBytes: 100, seed: 'task' }] });
  const { digest } = image.manifest;

  beforeEach(async () => {
    lab = new Lab();
    hosts = [await lab.start(), await lab.start()];
    await pushImage({ url: hosts[0]?.url ?? '', repository: 'staging/web', image });
    lab.project('web', hosts, { web: { [digest]: ['v1'] } });
  });
  afterEach(() => lab.close());

  async function run(stage: TaskRequest['stage'], request: Partial<TaskRequest> = {}): Promise<TaskResult> {
    const session = await lab.session();
    return runTask(session, { stage, project: 'web', confirm: false, failOn: ['invalid'], ...request });
  }

  it('runs the stages one after another, with the summary first', async () => {
    expect(await run('snapshot')).toEqual({ success: true, text: 'web: read 2 repositories' });
    expect(await run('plan')).toMatchObject({ success: true, text: expect.stringMatching(/^web: 1 to add/) });
    expect(await run('validate')).toMatchObject({ success: true, text: expect.stringMatching(/^web: valid/) });
    expect((await run('promote', { confirm: true })).success).toBe(true);
  });

  it('says what is missing when there is no snapshot to plan from', async () => {
    const result = await run('plan');

    expect(result.success).toBe(false);
    expect(result.text).toContain('web has no snapshot to plan from');
  });

  it('is green with a lost image, red when asked to be, and green again when it is acknowledged', async () => {
    lab.project('web', hosts, { web: { [digest]: ['v1'], [LOST]: ['v0'] } });
    await run('snapshot');
    expect((await run('plan')).success).toBe(true);
    expect((await run('plan', { failOn: ['lost'] })).success).toBe(false);
    expect((await run('promote', { confirm: true })).success).toBe(false);

    const entry = `  - code: lost-image\n    file: images/web/images.yaml\n    value: ${LOST}\n`;
    lab.write('promograph-baseline.yaml', `apiVersion: promograph/v1\naccepted:\n${entry}`);

    expect((await run('plan', { failOn: ['lost'] })).success).toBe(true);
    expect((await run('promote', { confirm: true })).success).toBe(true);
  });

  it('is red for a mistake in a file that every project depends on', async () => {
    lab.write('promograph.yaml', 'apiVersion: promograph/v1\nregistrys: {}\n');

    const result = await run('validate');

    expect(result.success).toBe(false);
    expect(result.text).toContain('promograph.yaml:2:1');
  });

  it('fails a snapshot only when nothing could be read', async () => {
    hosts.push(await lab.start());
    lab.project('web', hosts, { web: { [digest]: ['v1'] } });
    hosts[1]?.setFault(() => ({ kind: 'status', status: 403 }));
    expect(await run('snapshot')).toMatchObject({ success: true, text: expect.stringContaining('could not be read') });

    for (const host of hosts) host.setFault(() => ({ kind: 'status', status: 403 }));
    expect((await run('snapshot')).success).toBe(false);
  });
});
