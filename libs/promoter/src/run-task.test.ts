// SPDX-License-Identifier: Apache-2.0
import { type Finding, parseConfig } from '@promograph/manifest';
import type { GateReport, PromoteReceipt, ReceiptOutcome, TrustReceipt, ValidateReport } from '@promograph/report';
import { describe, expect, it } from 'vitest';
import { PromoterError } from './promoter-error.ts';
import { runTask, type TaskRequest } from './run-task.ts';
import type { PromoteOptions, PromoteRun, ReplicateRun, Session } from './session.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const AT = 'images/app/images.yaml:3:5';
const NOTHING = { copiedBytes: 0, mountedBytes: 0, copiedBlobs: 0, mountedBlobs: 0, waitedMs: 0, retries: 0 };

interface FakeAnswers {
  readonly promote?: PromoteRun;
  readonly refusal?: PromoterError;
  readonly findings?: readonly Finding[];
  readonly validate?: ValidateReport;
  readonly replicate?: ReplicateRun;
}

const { config: CONFIG } = await parseConfig('apiVersion: promograph/v1\n');

function fakeSession(answers: FakeAnswers): { session: Session; promotions: PromoteOptions[] } {
  const promotions: PromoteOptions[] = [];
  const unasked = (): never => {
    throw new Error('not asked for');
  };
  const session: Session = {
    workspace: {
      root: '/tree',
      stateDir: '/tree/.promo',
      tree: { root: '/tree', projects: [], projectNames: ['app'], findings: [] },
      config: CONFIG,
      findings: answers.findings ?? [],
      projects: ['app'],
      brokenProjects: [],
      narrowed: null,
    },
    snapshot: unasked,
    plan: unasked,
    planFromSnapshot: unasked,
    validate: async () => (answers.validate === undefined ? unasked() : [answers.validate]),
    promote: async (_, options) => {
      promotions.push(options);
      if (answers.refusal !== undefined) throw answers.refusal;
      return answers.promote ?? unasked();
    },
    verify: unasked,
    replicate: async () => answers.replicate ?? unasked(),
    close: async () => undefined,
  };
  return { session, promotions };
}

function receiptWith(...outcomes: readonly ReceiptOutcome[]): PromoteReceipt {
  const count = (outcome: ReceiptOutcome): number => outcomes.filter((each) => each === outcome).length;
  const [refused, lost, failed] = [count('refused'), count('lost'), count('failed')];
  const edge = { source: 's.example/web', destination: 'd.example/web', digest: DIGEST, tag: 'v1', at: AT };
  return {
    formatVersion: '1.0',
    project: 'app',
    confirmed: true,
    summary: {
      copied: count('added') + count('copied'),
      tagged: 0,
      present: 0,
      skipped: 0,
      refused,
      lost,
      failed,
      ...NOTHING,
    },
    edges: outcomes.map((outcome) => ({ ...edge, outcome })),
  };
}

function promoted(outcomes: readonly ReceiptOutcome[], unsigned = 0): PromoteRun {
  const trust: TrustReceipt = {
    formatVersion: '1.0',
    project: 'app',
    stage: 'sign',
    confirmed: true,
    summary: { written: 1, present: 0, failed: unsigned, skipped: 0, notLookedAt: 0, certificates: 1, logEntries: 1 },
    digests: [],
  };
  return { receipts: [receiptWith(...outcomes)], trust: [trust], gate: null, findings: [], hostFailures: [] };
}

const request = (stage: TaskRequest['stage'], more: Partial<TaskRequest> = {}): TaskRequest => ({
  stage,
  project: 'app',
  confirm: true,
  failOn: ['invalid'],
  ...more,
});

describe('stages that write', () => {
  it.each(['promote', 'sign', 'attest'] as const)('%s goes as far as its name', async (stage) => {
    const { session, promotions } = fakeSession({ promote: promoted(['added']) });

    const asked = request(stage, { scope: 'present', knowsRegistries: true });
    expect((await runTask(session, asked)).success).toBe(true);

    const wanted = { failFast: false, through: stage, handsOver: false, scope: 'present', knowsRegistries: true };
    expect(promotions).toEqual([{ confirm: true, ...wanted }]);
  });

  it.each<[string, PromoteRun, Partial<TaskRequest>, boolean]>([
    ['an edge that failed is red', promoted(['added', 'failed']), {}, false],
    ['a lost image is red', promoted(['added', 'lost']), {}, false],
    ['a digest without its signature is red', promoted(['added'], 1), {}, false],
    ['a dry run is green', promoted(['lost']), { confirm: false }, true],
    ['what failed is green where a later stage looks again', promoted(['failed', 'lost']), { handsOver: true }, true],
  ])('%s', async (_name, run, more, expected) => {
    const { session } = fakeSession({ promote: run });

    expect((await runTask(session, request('attest', more))).success).toBe(expected);
  });

  it('leave telling to the stage they hand over to', async () => {
    const { session, promotions } = fakeSession({ promote: promoted(['failed', 'copied']) });

    const { text } = await runTask(session, request('promote', { handsOver: true }));

    expect(promotions[0]?.handsOver).toBe(true);
    expect(text.split('\n')).toHaveLength(1);
    expect(text).toContain('1 did not get this far');
    expect(text).not.toContain(DIGEST);
  });

  it('do nothing in a dry run that a later stage of it will do again', async () => {
    const { session, promotions } = fakeSession({ promote: promoted(['added']) });

    const result = await runTask(session, request('sign', { handsOver: true, confirm: false }));

    expect(promotions).toEqual([]);
    expect(result.success).toBe(true);
    expect(result.text).toContain('the last stage of this run tells');
  });

  it('tell the place of what they refuse for its input', async () => {
    const { findings } = await parseConfig('apiVersion: promograph/v1\ntuf: {}\n');
    const { session } = fakeSession({ refusal: new PromoterError('PROMOTER_INVALID_INPUT', 'invalid'), findings });

    const { success, text } = await runTask(session, request('sign'));

    expect(success).toBe(false);
    expect(text).toContain('promograph.yaml:2:1: error unknown-key');
  });

  it.each([
    [0, true],
    [1, false],
  ])('replicate with %d failures is green: %s', async (failed, expected) => {
    const summary = { groups: 1, signed: 1, present: 0, missing: 1, copied: 0, failed, listRequests: 2 };
    const report = { formatVersion: '1.0', confirmed: true, summary, items: [] };
    const { session } = fakeSession({ replicate: { report, findings: [], hostFailures: [] } });

    expect((await runTask(session, request('replicate'))).success).toBe(expected);
  });
});

describe('a validation with a gate', () => {
  const gate = (refused: number): GateReport => ({
    summary: { digests: 1, verified: 0, absent: 1, untrusted: 0, unverifiable: 0, failed: refused, refused },
    digests: [],
  });

  it.each<[string, number, TaskRequest['failOn'], boolean]>([
    ['is green where refusals do not count', 1, ['invalid'], true],
    ['is red for a refusal where they do', 1, ['invalid', 'unverified'], false],
    ['is green without refusals', 0, ['invalid', 'unverified'], true],
  ])('%s', async (_name, refused, failOn, expected) => {
    const summary = { projects: 1, errors: 0, warnings: 0, baselined: 0 };
    const { session } = fakeSession({ validate: { formatVersion: '1.0', summary, findings: [], gate: gate(refused) } });

    const { success, text } = await runTask(session, request('validate', { failOn }));

    expect(success).toBe(expected);
    expect(text).toContain(`Gate: 1 digest, ${refused} refused`);
  });
});
