// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { fakeAction, type FakeAnswers, fakeDigest, fakeFinding, fakeWorld, planRun } from '../fake-context.testing.ts';
import { runCli } from '../run-cli.ts';
import { type CipDecision, decideCip } from './cip-decision.ts';
import type { CipFlags } from './cip-flags.ts';

const UNSET: CipFlags = {
  confirm: false,
  manifest: '',
  thinManifestDir: '',
  useProwManifestDiff: false,
  manifestDiffSince: '',
  parseOnly: false,
  snapshot: '',
  snapshotTag: '',
  minimalSnapshot: false,
  manifestBasedSnapshotOf: '',
  output: 'yaml',
  logLevel: 'info',
  sign: true,
  vulnSeverityThreshold: -1,
};
const THIN = { thinManifestDir: 'tree' };
const TREE = { treeDir: 'tree' };
const NO_DIFF = { kind: 'none' } as const;

describe('decideCip', () => {
  it.each<[string, Partial<CipFlags>, CipDecision]>([
    ['a thin directory is a dry run', THIN, { mode: 'promotion', tree: TREE, diff: NO_DIFF, upTo: 'validate' }],
    [
      'a plain manifest wins over the directory',
      { ...THIN, manifest: 'm.yaml' },
      { mode: 'promotion', tree: { manifestFile: 'm.yaml' }, diff: NO_DIFF, upTo: 'validate' },
    ],
    [
      'parse-only stops after the plan, even confirmed',
      { ...THIN, parseOnly: true, confirm: true },
      { mode: 'promotion', tree: TREE, diff: NO_DIFF, upTo: 'plan' },
    ],
    [
      'confirm without signing promotes',
      { ...THIN, confirm: true, sign: false },
      { mode: 'promotion', tree: TREE, diff: NO_DIFF, upTo: 'promote' },
    ],
    ['confirm signs', { ...THIN, confirm: true }, { mode: 'promotion', tree: TREE, diff: NO_DIFF, upTo: 'attest' }],
    [
      'a severity scans and promotes nothing',
      { ...THIN, confirm: true, vulnSeverityThreshold: 3 },
      { mode: 'scan', tree: TREE, diff: NO_DIFF, threshold: 3 },
    ],
    [
      'a scan without confirm looks at nothing',
      { ...THIN, vulnSeverityThreshold: 3 },
      { mode: 'scan', tree: TREE, diff: NO_DIFF, threshold: null },
    ],
    [
      'a severity of zero scans nothing',
      { ...THIN, confirm: true, vulnSeverityThreshold: 0 },
      { mode: 'scan', tree: TREE, diff: NO_DIFF, threshold: null },
    ],
    [
      'the diff of a Prow job wins over a date',
      { ...THIN, useProwManifestDiff: true, manifestDiffSince: '14 days' },
      { mode: 'promotion', tree: TREE, diff: { kind: 'prow' }, upTo: 'validate' },
    ],
    [
      'a date narrows',
      { ...THIN, manifestDiffSince: '14 days' },
      { mode: 'promotion', tree: TREE, diff: { kind: 'date', since: '14 days' }, upTo: 'validate' },
    ],
    [
      'a snapshot wins over promotion and scan',
      {
        ...THIN,
        snapshot: 'host/a',
        snapshotTag: 'v1',
        minimalSnapshot: true,
        confirm: true,
        vulnSeverityThreshold: 3,
      },
      { mode: 'snapshot', registry: 'host/a', tag: 'v1', isMinimal: true, format: 'yaml' },
    ],
    [
      'a snapshot of a destination needs manifests',
      { ...THIN, manifestBasedSnapshotOf: 'host/a', output: 'Csv' },
      { mode: 'destination-snapshot', registry: 'host/a', tree: TREE, format: 'csv' },
    ],
  ])('%s', (_, flags, expected) => {
    expect(decideCip({ ...UNSET, ...flags })).toEqual(expected);
  });

  it.each<[string, Partial<CipFlags>, string]>([
    ['nothing to work on', {}, 'CLI_USAGE'],
    ['a snapshot of a destination without manifests', { manifestBasedSnapshotOf: 'host/a' }, 'CLI_USAGE'],
    ['an unknown form', { ...THIN, output: 'json' }, 'CLI_USAGE'],
    ['a scan of nothing', { vulnSeverityThreshold: 3 }, 'CLI_USAGE'],
  ])('refuses %s', (_, flags, code) => {
    expect(() => decideCip({ ...UNSET, ...flags })).toThrow(expect.objectContaining({ code }));
  });
});

const LOST = fakeAction('lost');
const MOVED = fakeAction('refused', { reason: 'tag-move', observed: fakeDigest('b') });

describe('exit code of cip', () => {
  const thin = ['--thin-manifest-dir', 'tree'];
  it.each<[string, string[], FakeAnswers, number]>([
    ['a dry run is 0', thin, { plan: () => planRun([fakeAction('add')]) }, 0],
    ['lost images are 0', thin, { plan: () => planRun([LOST, fakeAction('add')]) }, 0],
    ['everything lost is 1', thin, { plan: () => allLost() }, 1],
    ['a tag move is 1', [...thin, '--parse-only'], { plan: () => planRun([MOVED]) }, 1],
    ['an invalid manifest is 1', thin, { workspace: { findings: [fakeFinding()] } }, 1],
    ['no manifest is 1', [], {}, 1],
    ['an unknown flag is 1', [...thin, '--nope'], {}, 1],
    ['a value that is no boolean is 1', [...thin, '--confirm=perhaps'], {}, 1],
    ['a level that is none is 1', [...thin, '--log-level', 'loud'], {}, 1],
    ['a severity that is none is 1', [...thin, '--vuln-severity-threshold', '6'], {}, 1],
    ['a severity of zero is 0', [...thin, '--vuln-severity-threshold=0'], {}, 0],
    ['a removed flag is 1', [...thin, '--key-files=a.json'], {}, 1],
    ['a hidden flag of old is 0', [...thin, '--max-image-size=5'], {}, 0],
    ['a word behind a boolean flag is no value', [...thin, '--confirm=false', '--sign', 'false'], {}, 0],
  ])('%s', async (_, flags, answers, expected) => {
    const world = fakeWorld(answers);

    expect(await runCli(['cip', ...flags], world.context)).toBe(expected);
    expect(world.stdout()).toBe('');
  });

  it('says in one line what replaced a removed flag', async () => {
    const world = fakeWorld();

    await runCli(['cip', '--json-log-summary'], world.context);

    expect(world.stderr().split('\n')[0]).toBe(
      'promograph: --json-log-summary was removed: use `promograph promote --output json`',
    );
  });
});

function allLost(): ReturnType<typeof planRun> {
  const run = planRun([LOST, LOST]);
  return { ...run, plans: run.plans.map((plan) => ({ ...plan, allLost: true })) };
}
