// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { type RunningRegistry, startRegistry } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EvidenceWatch } from './support/evidence-watch.ts';
import type { ProgramRun } from './support/promotion-lab.ts';
import { seedWorkload, type Workload } from './support/signed-workload.ts';
import { TrustLab } from './support/trust-lab.ts';

const RECORD = 'https://k8s.io/promo-tools/promotion/v1';
const SIGN = 'https://sigstore.dev/cosign/sign/v1';

const succeeds = ({ exitCode, stdout, stderr }: ProgramRun): void => {
  expect(exitCode, stdout.slice(-3000) + stderr).toBe(0);
};

describe('a run that signs and attests 200 digests', () => {
  let lab: TrustLab;
  let canonical: RunningRegistry;
  let workload: Workload;

  beforeEach(async () => {
    lab = await TrustLab.open();
    const source = lab.keep(await startRegistry());
    canonical = lab.keep(await startRegistry());
    workload = await seedWorkload(lab, { source, hosts: [canonical.host] }, { indexes: 20, images: 120, shared: 10 });
    lab.configure({ canonical: canonical.host, more: 'attest: {}\n' });
  });
  afterEach(() => lab.close());

  it('asks for one certificate and logs each signature once, and nothing the second time', async () => {
    expect(workload.signed).toHaveLength(200);

    succeeds(await lab.run('run', '--confirm'));
    const { certificates, rekorV1Entries, timestamps } = lab.sigstore.counts();
    expect([certificates, rekorV1Entries, timestamps]).toEqual([1, workload.entries, workload.entries]);
    await expectEachOnce();

    succeeds(await lab.run('run', '--confirm'));
    expect(lab.sigstore.counts()).toMatchObject({ certificates: 1, rekorV1Entries });
    succeeds(await lab.run('run', '--confirm', '--scope', 'present'));
    expect(lab.sigstore.counts()).toMatchObject({ certificates: 2, rekorV1Entries });
    succeeds(await lab.run('verify'));
  });

  it('logs nothing twice when two processes do it at once', async () => {
    const runs = await Promise.all(
      ['one', 'two'].map((name) => lab.run('run', '--confirm', '--state-dir', join(lab.dir, name))),
    );

    runs.forEach(succeeds);
    await expectEachOnce();
    expect(lab.sigstore.counts()).toMatchObject({ certificates: 2, rekorV1Entries: workload.entries });
  });

  async function expectEachOnce(): Promise<void> {
    const watch = lab.keep(new EvidenceWatch(lab.sigstore));
    const kept = await Promise.all(workload.signed.map((one) => watch.kept(one)));
    const expected = workload.signed.map(({ isRoot }) => ({
      sig: 1,
      bundles: { [SIGN]: 1, ...(isRoot && { [RECORD]: 1 }) },
      other: 0,
    }));
    expect(kept).toEqual(expected);
  }
});
