// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import { buildImage, pushImage, type RunningRegistry } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runTask, type TaskRequest, type TaskResult } from '../src/index.ts';
import { Lab } from './lab.ts';

const GATE = 'staging: { signatures: if-present, identities: [ { key: cosign.pub } ] }\n';

describe('a dry promotion in a run that has just read the registries', () => {
  let lab: Lab;
  let hosts: RunningRegistry[];
  const image = buildImage({ layers: [{ sizeBytes: 100, seed: 'rehearsal' }] });
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

  /** Requests that the registries saw while a promotion ran that may go by the snapshot. */
  async function asked(request: Partial<TaskRequest> = {}): Promise<number> {
    for (const host of hosts) host.clearRequests();
    await run('promote', { knowsRegistries: true, ...request });
    return hosts.reduce((sum, { requests }) => sum + requests.length, 0);
  }

  it('asks nothing, and says what one that asks says', async () => {
    const live = await run('promote');
    await run('snapshot');

    expect(await asked()).toBe(0);
    expect(await run('promote', { knowsRegistries: true })).toEqual(live);
  });

  it.each<[string, Partial<TaskRequest>]>([
    ['writes', { confirm: true }],
    ['was not told that the snapshot is of its run', { knowsRegistries: false }],
    ['looks at everything that is present', { scope: 'present' }],
  ])('asks again where it %s', async (_case, request) => {
    await run('snapshot');

    expect(await asked(request)).toBeGreaterThan(0);
  });

  it('asks where there is no snapshot', async () => {
    expect(await asked()).toBeGreaterThan(0);
  });

  it('asks again after the project changed', async () => {
    await run('snapshot');
    lab.project('web', hosts, { web: { [digest]: ['v1', 'v2'] } });

    expect(await asked()).toBeGreaterThan(0);
    expect((await run('promote', { knowsRegistries: true })).text).toContain('v2');
  });

  it('asks again where a gate has to look', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    lab.write('cosign.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString());
    lab.write('promograph.yaml', `apiVersion: promograph/v1\n${GATE}`);
    await run('snapshot');

    expect(await asked()).toBeGreaterThan(0);
  });
});
