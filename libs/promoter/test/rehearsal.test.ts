// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TaskRequest } from '../src/index.ts';
import { TaskLab } from './task-lab.ts';

const GATE = 'staging: { signatures: if-present, identities: [ { key: cosign.pub } ] }\n';

describe('a dry promotion in a run that has just read the registries', () => {
  let lab: TaskLab;

  beforeEach(async () => {
    lab = new TaskLab();
    await lab.open();
  });
  afterEach(() => lab.close());

  /** Requests that the registries saw while a promotion ran that may go by the snapshot. */
  async function asked(request: Partial<TaskRequest> = {}): Promise<number> {
    for (const host of lab.hosts) host.clearRequests();
    await lab.run('promote', { knowsRegistries: true, ...request });
    return lab.hosts.reduce((sum, { requests }) => sum + requests.length, 0);
  }

  it('asks nothing, and says what one that asks says', async () => {
    const live = await lab.run('promote');
    await lab.run('snapshot');

    expect(await asked()).toBe(0);
    expect(await lab.run('promote', { knowsRegistries: true })).toEqual(live);
  });

  it('asks nothing on the way to an attestation either', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    lab.write('cosign.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString());
    const signing = { key: 'cosign.key', publicKey: 'cosign.pub', canonical: `${lab.hosts[1]?.host}/prod` };
    lab.write('promograph.yaml', `apiVersion: promograph/v1\nsigning: ${JSON.stringify(signing)}\n`);
    const live = await lab.run('attest');
    await lab.run('snapshot');
    for (const host of lab.hosts) host.clearRequests();

    expect(live.success).toBe(true);
    expect(live.text).toContain('attest');
    expect(await lab.run('attest', { knowsRegistries: true })).toEqual(live);
    expect(lab.hosts.flatMap(({ requests }) => requests)).toEqual([]);
  });

  it.each<[string, Partial<TaskRequest>]>([
    ['writes', { confirm: true }],
    ['was not told that the snapshot is of its run', { knowsRegistries: false }],
    ['looks at everything that is present', { scope: 'present' }],
  ])('asks again where it %s', async (_case, request) => {
    await lab.run('snapshot');

    expect(await asked(request)).toBeGreaterThan(0);
  });

  it('asks where there is no snapshot', async () => {
    expect(await asked()).toBeGreaterThan(0);
  });

  it('asks again after the project changed', async () => {
    await lab.run('snapshot');
    lab.project('web', lab.hosts, { web: { [lab.digest]: ['v1', 'v2'] } });

    expect(await asked()).toBeGreaterThan(0);
    expect((await lab.run('promote', { knowsRegistries: true })).text).toContain('v2');
  });

  it('asks again where a gate has to look', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    lab.write('cosign.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString());
    lab.write('promograph.yaml', `apiVersion: promograph/v1\n${GATE}`);
    await lab.run('snapshot');

    expect(await asked()).toBeGreaterThan(0);
  });
});
