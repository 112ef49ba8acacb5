// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BudgetStore } from './budget-store.ts';
import type { Asking, Given } from './host-state.ts';
import { createSqliteBudgetStore } from './sqlite-budget-store.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'budget-file-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LIMITS = { perSecond: 10, quotas: [{ requests: 5, windowMs: 3_600_000, actions: null }] } as const;

/** Time as one test decides it: the boot's clock and the wall's. */
interface Times {
  boot: string;
  now: number;
  wall: number;
}

function storeAt(file: string, times: Times): BudgetStore {
  return createSqliteBudgetStore({ file, bootId: times.boot, now: () => times.now, wallMs: () => times.wall });
}

function ask(store: BudgetStore, count: number): Given {
  const asking: Asking = { limits: LIMITS, wanted: Array.from({ length: count }, () => 'head' as const), spent: {} };
  const given = store.take('host', asking);
  if (given instanceof Promise) throw new Error('this store answers at once');
  return given;
}

/** Takes `count` slots one after the other. */
function takeAll(store: BudgetStore, times: Times, count: number): void {
  for (let n = 0; n < count; n += 1) {
    expect(ask(store, 1).granted).toHaveLength(1);
    times.now += 200;
    times.wall += 200;
  }
}

describe('createSqliteBudgetStore', () => {
  it('makes a file that its owner alone can read', async () => {
    const file = join(folder, 'mode', 'budget.sqlite');
    const store = createSqliteBudgetStore({ file });
    ask(store, 1);

    expect(statSync(join(folder, 'mode')).mode & 0o777).toBe(0o700);
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(file + suffix).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it('carries a long window over a restart of the machine, by the wall clock', () => {
    const file = join(folder, 'restart.sqlite');
    const before: Times = { boot: 'first', now: 900_000, wall: 1_000_000 };
    takeAll(storeAt(file, before), before, 5);
    const after: Times = { boot: 'second', now: 40, wall: before.wall + 1_800_000 };
    const store = storeAt(file, after);

    const waitMs = ask(store, 1).waits['head'] ?? 0;
    expect(waitMs).toBeGreaterThan(1_790_000);
    expect(waitMs).toBeLessThan(1_800_100);
    after.now += waitMs;
    expect(ask(store, 1).granted).toEqual(['head']);
  });

  it('takes a wall clock that was set back for no time gone by', () => {
    const file = join(folder, 'set-back.sqlite');
    const before: Times = { boot: 'first', now: 0, wall: 9_000_000 };
    takeAll(storeAt(file, before), before, 5);

    expect(ask(storeAt(file, { boot: 'second', now: 77, wall: 5 }), 1).waits['head']).toBeGreaterThan(3_590_000);
  });

  it('counts what every process took, and knows nothing of other subjects', () => {
    const file = join(folder, 'shared.sqlite');
    const times: Times = { boot: 'b', now: 0, wall: 0 };
    takeAll(storeAt(file, times), times, 3);
    const other = storeAt(file, times);
    takeAll(other, times, 2);

    expect(ask(other, 1).granted).toEqual([]);
    expect(other.take('other host', { limits: LIMITS, wanted: ['head'], spent: {} })).toMatchObject({
      granted: ['head'],
    });
  });

  it('is not held up by a process that was killed in the middle of its work', async () => {
    const file = join(folder, 'killed.sqlite');
    const ready = join(folder, 'ready');
    const module = join(import.meta.dirname, 'sqlite-budget-store.ts');
    const script = `
      import { writeFileSync } from 'node:fs';
      import { DatabaseSync } from 'node:sqlite';
      import { createSqliteBudgetStore } from ${JSON.stringify(module)};
      const store = createSqliteBudgetStore({ file: ${JSON.stringify(file)} });
      store.take('host', { limits: { perSecond: 1, quotas: [] }, wanted: ['head'], spent: {} });
      const database = new DatabaseSync(${JSON.stringify(file)});
      database.exec('begin immediate');
      database.exec("update budget_1 set state = 'half written'");
      writeFileSync(${JSON.stringify(ready)}, '');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
    await expect.poll(() => existsSync(ready), { timeout: 30_000 }).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const store = createSqliteBudgetStore({ file });

    expect(store.take('other', { limits: LIMITS, wanted: ['head'], spent: {} })).toMatchObject({ granted: ['head'] });
    expect(store.take('host', { limits: { perSecond: 1, quotas: [] }, wanted: ['head'], spent: {} })).toBeDefined();
    await store.close();
  });
});
