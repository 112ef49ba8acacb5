// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from 'vitest';
import { HealthTable, probeOutcome } from './health-table.ts';
import type { Backend } from './policy.ts';
import { policyOf } from './policy.testing.ts';

const POLICY = { intervalMs: 10_000, timeoutMs: 2000, fall: 3, rise: 2 };
const WEST: Backend = {
  name: 'west',
  kind: 'registry',
  isCanonical: false,
  base: 'https://w/v2/',
  checkUrl: 'https://w/v2/',
  index: 0,
};
const STORE: Backend = {
  ...WEST,
  base: 'https://s/b/',
  name: 'store',
  kind: 'store',
  checkUrl: 'https://s/',
  index: 1,
};
const BLOB = 'https://w/v2/p/blobs/sha256:ab';

let table: HealthTable;
let nowMs: number;
beforeEach(() => {
  table = new HealthTable([WEST, STORE], POLICY);
  nowMs = 0;
});

/** Checks `backend` as often as there are answers, as soon as each check is due; says whether it is healthy then. */
function check(backend: Backend, ...statuses: readonly (number | null)[]): boolean {
  for (const status of statuses) {
    let due = table.takeDue(nowMs);
    while (!due.some((each) => each.backend === backend)) {
      for (const other of due) table.noteCheck(other, 200, nowMs);
      nowMs += 100;
      due = table.takeDue(nowMs);
    }
    for (const each of due) table.noteCheck(each, each.backend === backend ? status : 200, nowMs);
  }
  return table.isHealthy(backend);
}

describe('a backend', () => {
  it('is healthy until it was checked', () => {
    expect(table.isHealthy(WEST)).toBe(true);
    expect(table.isSettled).toBe(false);
  });

  it.each<[string, (number | null)[], boolean]>([
    ['stays in after two failed checks', [null, 500], true],
    ['goes out after three in a row', [null, 500, 429], false],
    ['stays in when a good check is between', [null, null, 200, null, null], true],
    ['stays out after one good check', [null, null, null, 200], false],
    ['comes back after two', [null, null, null, 200, 200], true],
    ['stays out when a failed check is between', [null, null, null, 200, null, 200], false],
    ['is well when it wants a token', [401, 401, 401, 403], true],
    ['is not a registry when it knows no /v2/', [404, 404, 404], false],
    ['is well when it sends on', [301, 302, 307], true],
  ])('%s', (_name, statuses, expected) => {
    expect(check(WEST, ...statuses)).toBe(expected);
  });

  it('does not flap while it fails every other check', () => {
    const verdicts = Array.from({ length: 40 }, (_, at) => check(WEST, at % 2 === 0 ? null : 200));

    expect(verdicts).not.toContain(false);
  });

  it('is out within two intervals of its end', () => {
    check(WEST, 200);
    const endedAtMs = nowMs + 1;

    check(WEST, null, null, null);

    expect(table.isHealthy(WEST)).toBe(false);
    expect(nowMs - endedAtMs).toBeLessThanOrEqual(2 * POLICY.intervalMs);
  });

  it('is checked again soon after a question that it did not answer, but not for each', () => {
    check(WEST, 200);
    const lastAtMs = nowMs;
    for (let at = 0; at < 100; at += 1) table.noteProbe(WEST, 'failed', BLOB);

    expect(table.takeDue(lastAtMs + POLICY.intervalMs / 3 - 1)).toEqual([]);
    const due = table.takeDue(lastAtMs + POLICY.intervalMs / 3 + 1);
    expect(due.map(({ backend }) => backend)).toEqual([WEST]);
  });

  it('is not taken out by questions alone', () => {
    check(WEST, 200);
    for (let at = 0; at < 1000; at += 1) table.noteProbe(WEST, at % 2 === 0 ? 'failed' : 'denied', BLOB);

    expect(table.isHealthy(WEST)).toBe(true);
  });

  it('is of no use when it denies every question', () => {
    for (let round = 0; round < 3; round += 1) {
      for (let at = 0; at < 3; at += 1) table.noteProbe(WEST, 'denied', BLOB);
      check(WEST, 401);
    }

    expect(table.isHealthy(WEST)).toBe(false);
  });

  it('is asked for what was there, and is well while that is', () => {
    table.noteProbe(WEST, 'present', BLOB);
    for (let at = 0; at < 100; at += 1) table.noteProbe(WEST, 'denied', 'https://w/v2/none/blobs/sha256:cd');

    const [due] = table.takeDue(0);
    expect(due?.url).toBe(BLOB);
    if (due !== undefined) table.noteCheck(due, 200, 0);
    expect(check(WEST, 200, 200, 200)).toBe(true);
  });

  it('is of no use when it denies what was there', () => {
    table.noteProbe(WEST, 'present', BLOB);

    expect(check(WEST, 401, 403, 401)).toBe(false);
  });

  it('stays in when a repository was deleted that it now denies, and others are there', () => {
    const deleted = 'https://w/v2/q/blobs/sha256:cd';
    table.noteProbe(WEST, 'present', BLOB);
    table.noteProbe(WEST, 'present', BLOB.replace('ab', 'ef'));
    table.noteProbe(WEST, 'present', deleted);
    const asked = new Set<string>();

    for (let round = 0; round < 20; round += 1, nowMs += POLICY.intervalMs) {
      for (const due of table.takeDue(nowMs)) {
        if (due.backend === WEST) asked.add(due.url);
        table.noteCheck(due, due.url === deleted ? 403 : 200, nowMs);
      }
      expect(table.isHealthy(WEST)).toBe(true);
    }

    expect([...asked]).toEqual([deleted, BLOB.replace('ab', 'ef')]);
  });

  it('goes out when it denies all repositories that were there', () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      table.noteProbe(WEST, 'present', `https://w/v2/${name}/blobs/sha256:ab`);
    }

    expect(check(WEST, 403, 403, 403)).toBe(false);
    expect(check(WEST, 403, 403, 403)).toBe(false);
    expect(check(WEST, 200, 200)).toBe(true);
  });

  it('may lose what was there: then /v2/ is asked again', () => {
    table.noteProbe(WEST, 'present', BLOB);
    check(WEST, 404);

    nowMs += POLICY.intervalMs;
    expect(table.takeDue(nowMs)[0]?.url).toBe(WEST.checkUrl);
  });

  it('is not judged by tags, which move', () => {
    table.noteProbe(WEST, 'present', 'https://w/v2/p/manifests/v1');

    expect(table.takeDue(0)[0]?.url).toBe(WEST.checkUrl);
  });

  it('that is an object store may answer anything that is an answer', () => {
    expect(check(STORE, 404, 403, 400, 404)).toBe(true);
    expect(check(STORE, 503, 503, 503)).toBe(false);
  });

  it('has one check under way at a time', () => {
    expect(table.takeDue(0)).toHaveLength(2);
    expect(table.takeDue(2 * POLICY.timeoutMs - 1)).toEqual([]);
  });

  it('is checked again when a check never came back', () => {
    table.takeDue(0);

    expect(table.takeDue(2 * POLICY.timeoutMs)).toHaveLength(2);
  });
});

describe('the answer to a question', () => {
  it.each([
    [200, 'present'],
    [302, 'present'],
    [307, 'present'],
    [404, 'absent'],
    [401, 'denied'],
    [403, 'denied'],
    [400, 'failed'],
    [429, 'failed'],
    [500, 'failed'],
    [503, 'failed'],
    [null, 'failed'],
  ])('of status %s is %s', (status, expected) => {
    expect(probeOutcome(status)).toBe(expected);
  });
});

describe('a table of health', () => {
  it('goes on from the one before, by address', () => {
    check(WEST, null, null, null);
    const moved = { ...WEST, name: 'renamed', index: 1 };

    const next = new HealthTable(
      [STORE, moved].map((backend, index) => ({ ...backend, index })),
      POLICY,
    );
    next.adopt(table);

    expect(next.isHealthy(moved)).toBe(false);
    expect(next.isHealthy({ ...STORE, index: 0 })).toBe(true);
  });

  it('is settled when all backends of a policy were checked', () => {
    const { backends, health } = policyOf();
    const all = new HealthTable(backends, health);

    for (const due of all.takeDue(0)) all.noteCheck(due, null, 0);

    expect(all.isSettled).toBe(true);
  });
});
