// SPDX-License-Identifier: Apache-2.0
import { parseConfig } from '@promograph/manifest';
import type { PromoteRun } from '@promograph/promoter';
import type { GateReport, TrustReceipt, ValidateReport } from '@promograph/report';
import { describe, expect, it } from 'vitest';
import { fakeAction, fakeDigest, fakeWorld, planRun, replicateRun, verifyRun } from './fake-context.testing.ts';
import { runCli } from './run-cli.ts';

const AT = { repository: 'prod.example/app/web', digest: fakeDigest('a') };
const REFUSED: GateReport = {
  summary: { digests: 1, verified: 0, absent: 0, untrusted: 0, unverifiable: 0, failed: 1, refused: 1 },
  digests: [
    {
      source: 'staging.example/app/web',
      digest: fakeDigest('a'),
      signature: { verdict: 'failed', code: 'SIG_CRYPTO', message: 'wrong' },
      refused: { reason: 'signature', code: 'SIG_CRYPTO', message: 'wrong' },
    },
  ],
};

function signed(outcome: 'written' | 'failed' | 'skipped', code = 'SIGNING_LOG'): PromoteRun {
  const error = outcome === 'failed' ? { error: { code, message: 'no' } } : {};
  const receipt: TrustReceipt = {
    formatVersion: '1.0',
    project: 'app',
    stage: 'sign',
    confirmed: true,
    summary: { written: 1, present: 0, failed: 0, skipped: 0, notLookedAt: 0, certificates: 1, logEntries: 1 },
    digests: [{ ...AT, reference: 'images.example/web', outcome, ...error }],
  };
  return { receipts: [], trust: [receipt], gate: null, findings: [], hostFailures: [] };
}

describe('commands that promote', () => {
  it.each([
    ['promote', 'promote', undefined],
    ['sign', 'sign', 'run'],
    ['attest', 'attest', 'run'],
    ['run', 'attest', 'run'],
  ])('%s goes through %s', async (verb, through, scope) => {
    const world = fakeWorld();

    expect(await runCli([verb, '--confirm', '--fail-fast'], world.context)).toBe(0);

    expect(world.promotions).toMatchObject([{ confirm: true, failFast: true, through }]);
    expect(world.promotions[0]?.scope).toBe(scope);
  });

  it('take what is present, too, when told so', async () => {
    const world = fakeWorld({}, { PROMOGRAPH_SCOPE: 'present' });

    await runCli(['sign'], world.context);

    expect(world.promotions).toMatchObject([{ confirm: false, scope: 'present' }]);
    expect(world.stderr()).toContain('add --confirm to sign');
  });

  it.each([
    ['a signature that is written is 0', signed('written'), 0],
    ['a log that fails is 6', signed('failed'), 6],
    ['a wrong identity is 3', signed('failed', 'SIGNING_IDENTITY'), 3],
    ['a signature that does not verify is 4', signed('failed', 'SIGNING_SELF_CHECK'), 4],
    ['a digest that was not reached is 5', signed('skipped'), 5],
    ['a present digest that the gate refuses is 4', { ...signed('written'), gate: REFUSED }, 4],
  ])('%s', async (_name, run, code) => {
    expect(await runCli(['run', '--confirm'], fakeWorld({ promote: () => run }).context)).toBe(code);
  });

  it('print what was signed, and the gate, in every form', async () => {
    const run = { ...signed('failed'), gate: REFUSED };
    const outputs = ['text', 'markdown', 'json'].map(async (output) => {
      const world = fakeWorld({ promote: () => run });
      await runCli(['run', '--output', output], world.context);
      return world.stdout();
    });
    const [text = '', markdown = '', json = ''] = await Promise.all(outputs);

    expect(text).toContain('SIGNING_LOG: no');
    expect(text).toContain('Next: promograph run --confirm');
    expect(markdown).toContain('### Refused by the gate');
    expect(JSON.parse(json)).toMatchObject({ formatVersion: '1.0', trust: run.trust, gate: REFUSED });
  });
});

describe('the command after a promotion', () => {
  const edge = { source: 'staging.example/app/web', destination: AT.repository, digest: AT.digest, tag: 'v1' };
  const withEdge = (outcome: 'planned' | 'failed' | 'refused'): PromoteRun => {
    const moved = { copiedBytes: 0, mountedBytes: 0, copiedBlobs: 0, mountedBlobs: 0, waitedMs: 0, retries: 0 };
    const refused = outcome === 'refused' ? 1 : 0;
    const counts = { copied: 0, tagged: 0, present: 0, skipped: 0, refused, lost: 0, failed: 0 };
    const confirmed = outcome === 'failed';
    const edges = [{ ...edge, at: 'images/app/images.yaml:3:5', outcome }];
    const receipt = { formatVersion: '1.0', project: 'app', confirmed, summary: { ...counts, ...moved }, edges };
    return { receipts: [receipt], trust: [], gate: null, findings: [], hostFailures: [] };
  };
  const SIGNS = 'apiVersion: promograph/v1\nsigning: { canonical: prod.example/app, key: k }\n';
  const QUIET = 'apiVersion: promograph/v1\n';

  it.each<[string, string, string[], string]>([
    ['signs where the tree does', SIGNS, ['promote'], 'run --confirm'],
    ['only promotes where the tree does not sign', QUIET, ['promote'], 'promote --confirm'],
    ['goes no further than was asked for', SIGNS, ['sign', '--scope', 'present'], 'sign --scope present --confirm'],
    ['is the one that was confirmed', SIGNS, ['promote', '--confirm'], 'promote --confirm'],
    ['stays within the plan', QUIET, ['promote', '--plan', '/dev/null'], 'promote --plan /dev/null --confirm'],
  ])('%s', async (_name, text, argv, next) => {
    const { config } = await parseConfig(text);
    const run = withEdge(argv.includes('--confirm') ? 'failed' : 'planned');
    const world = fakeWorld({ promote: () => run, workspace: { config } });

    await runCli(argv, world.context);

    expect(world.stdout()).toContain(`\nNext: promograph ${next}\n`);
  });

  it('is the plan of the same tree where everything open was refused', async () => {
    const world = fakeWorld({ promote: () => withEdge('refused') });

    await runCli(['promote', '--manifests', 'tree', '--confirm'], world.context);

    expect(world.stdout()).toContain('\nNext: promograph plan --manifests tree\n');
  });
});

describe('validate', () => {
  const report: ValidateReport = {
    formatVersion: '1.0',
    summary: { projects: 1, errors: 0, warnings: 0, baselined: 0 },
    findings: [],
    gate: REFUSED,
  };

  it.each([
    [[], false],
    [['--live'], true],
  ])('with %j asks the gate and answers 4 for a refusal', async (flags, live) => {
    const world = fakeWorld({ validate: () => [report] });

    expect(await runCli(['validate', ...flags], world.context)).toBe(4);

    expect(world.validations).toEqual([{ live }]);
    expect(world.stdout()).toContain('SIG_CRYPTO');
  });
});

describe('plan', () => {
  it('names what the gate demands, and the command that signs', async () => {
    const { config } = await parseConfig(
      'apiVersion: promograph/v1\nsigning: { canonical: prod.example/app, key: k }\nscan: { adapter: containeranalysis }\n',
    );
    const world = fakeWorld({ plan: () => planRun([fakeAction('add')]), workspace: { config } });

    expect(await runCli(['plan'], world.context)).toBe(0);

    expect(world.stdout()).toContain('Next: promograph run --confirm');
  });
});

describe('verify', () => {
  const finding = { ...AT, tags: ['v1'], message: 'no signature' };

  it('hands on what it is asked', async () => {
    const world = fakeWorld();
    const flags = ['--since-days', '7', '--via', 'images.example', '--confirm'];

    expect(await runCli(['verify', 'images.example/web:v1', ...flags], world.context)).toBe(0);

    expect(world.verifications).toEqual([
      { confirm: true, references: ['images.example/web:v1'], sinceDays: 7, via: 'images.example' },
    ]);
  });

  it.each([
    ['nothing found is 0', [], 0],
    ['a finding is 4', [{ ...finding, kind: 'unsigned' as const }], 4],
    ['a healed finding is 0', [{ ...finding, kind: 'unsigned' as const, healed: true as const }], 0],
    ['what cannot be read is 6', [{ ...finding, kind: 'unreadable' as const }], 6],
  ])('%s', async (_name, findings, code) => {
    const world = fakeWorld({ verify: () => verifyRun(findings) });

    expect(await runCli(['verify', '--output', 'json'], world.context)).toBe(code);
    expect(JSON.parse(world.stdout())).toMatchObject({ findings });
  });

  it('tells below which index an unsigned image is, and what to type next', async () => {
    const index = fakeDigest('b');
    const world = fakeWorld({ verify: () => verifyRun([{ ...finding, kind: 'unsigned', index, tags: [] }]) });

    expect(await runCli(['verify'], world.context)).toBe(4);

    expect(world.stdout()).toContain(`    below ${index}: no signature\n`);
    expect(world.stdout()).toContain('Next: promograph verify --confirm');
  });

  it.each(['text', 'markdown'])('names the tree in the next command, as %s', async (output) => {
    const world = fakeWorld({ verify: () => verifyRun([{ ...finding, kind: 'unsigned', tags: [] }]) });

    await runCli(['verify', '--manifests', 'tree', '--output', output], world.context);

    expect(world.stdout()).toMatch(/Next: `?promograph verify --manifests tree --confirm/);
  });

  it.each([['0'], ['-1'], ['soon']])('refuses --since-days %s', async (days) => {
    expect(await runCli(['verify', `--since-days=${days}`], fakeWorld().context)).toBe(3);
  });
});

describe('replicate', () => {
  it('hands on what it is asked', async () => {
    const world = fakeWorld();

    expect(await runCli(['replicate', '--confirm', '--referrers', '--max-copies', '3'], world.context)).toBe(0);

    expect(world.replications).toEqual([{ confirm: true, referrers: true, maxCopies: 3 }]);
  });

  it.each([
    ['a dry run is 0', 'planned' as const, undefined, 0],
    ['a registry that refuses is 6', 'failed' as const, 'REGISTRY_FORBIDDEN', 6],
  ])('%s', async (_name, outcome, code, expected) => {
    const error = code === undefined ? {} : { error: { code, message: 'no' } };
    const item = { source: 'a', destination: 'b', reference: 'sha256-x.sig', outcome, ...error };
    const world = fakeWorld({ replicate: () => replicateRun([item]) });

    expect(await runCli(['replicate'], world.context)).toBe(expected);
    expect(world.stdout()).toContain('Next: promograph replicate --confirm');
  });
});
