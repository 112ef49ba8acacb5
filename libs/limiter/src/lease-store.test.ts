// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeClock } from './fake-clock.testing.ts';
import { createMemoryLeaseStore } from './memory-lease-store.ts';
import { createSqliteLeaseStore, type SqliteLeaseStore } from './sqlite-lease-store.ts';
import type { TagLease, TagLeaseStore } from './tag-lease.ts';

const TAG = 'registry.example/app:v1';
const run = promisify(execFile);
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lease-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function storeAt(name: string, clock: FakeClock, bootId = 'boot-1'): SqliteLeaseStore {
  return createSqliteLeaseStore({
    file: join(folder, name, 'budget.sqlite'),
    owner: 'me:1',
    ttlMs: 3000,
    clock,
    bootId,
  });
}

/** Notes in `log` when the lease was got, and returns it. */
function take(...[store, log, name, signal]: [TagLeaseStore, string[], string, AbortSignal?]): Promise<TagLease> {
  return store.acquire(TAG, `sha256:${name}`, signal).then((lease) => {
    log.push(name);
    return lease;
  });
}

describe.each([
  ['memory', (_clock: FakeClock): TagLeaseStore => createMemoryLeaseStore()],
  ['sqlite', (clock: FakeClock): TagLeaseStore => storeAt(`contract-${clock.now()}-${Math.random()}`, clock)],
] as const)('lease store in %s', (_name, make) => {
  it('keeps the second of two writers of a tag waiting until the first has let go', async () => {
    const clock = new FakeClock();
    const store = make(clock);
    const log: string[] = [];
    const first = await take(store, log, 'first');
    const second = take(store, log, 'second');
    await clock.advance(500);
    expect(log).toEqual(['first']);

    await first[Symbol.asyncDispose]();
    await clock.advance(500);

    expect(log).toEqual(['first', 'second']);
    await (await second)[Symbol.asyncDispose]();
  });

  it('does not make writers of different tags wait', async () => {
    const store = make(new FakeClock());

    const leases = await Promise.all(['a:1', 'a:2', 'b:1'].map((tag) => store.acquire(tag, 'sha256:x')));

    expect(leases.map((lease) => lease.reference)).toEqual(['a:1', 'a:2', 'b:1']);
  });

  it('lets a waiting writer be cancelled without harm to the next', async () => {
    const clock = new FakeClock();
    const store = make(clock);
    const log: string[] = [];
    const first = await take(store, log, 'first');
    const stop = new AbortController();
    const second = take(store, log, 'second', stop.signal);
    const third = take(store, log, 'third');
    const rejected = expect(second).rejects.toThrow('stopped');
    stop.abort(new Error('stopped'));
    await rejected;

    await first[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    await clock.advance(500);
    await third;

    expect(log).toEqual(['first', 'third']);
  });
});

describe('createSqliteLeaseStore', () => {
  it('makes a file that its owner alone can read', () => {
    storeAt('mode', new FakeClock()).close();

    expect(statSync(join(folder, 'mode')).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'mode', 'budget.sqlite')).mode & 0o777).toBe(0o600);
  });

  it('frees the lease of a process that died after its life, not before', async () => {
    const dead = new FakeClock();
    const clock = new FakeClock();
    await storeAt('death', dead).acquire(TAG, 'sha256:dead');
    const log: string[] = [];
    const next = take(storeAt('death', clock), log, 'next');

    await clock.advance(2900);
    expect(log).toEqual([]);

    await clock.advance(400);
    expect(log).toEqual(['next']);
    await (await next)[Symbol.asyncDispose]();
  });

  it('renews the lease of a holder that lives, and tells those that give up who holds it', async () => {
    const clock = new FakeClock();
    await storeAt('renewal', clock).acquire(TAG, 'sha256:held');
    const refused = expect(storeAt('renewal', clock).acquire(TAG, 'sha256:other')).rejects.toMatchObject({
      code: 'LEASE_HELD',
      message: `the lease of ${TAG} is held by me:1, which writes sha256:held`,
      retryable: true,
    });

    await clock.advance(7000);

    await refused;
  });

  it('counts leases from before a restart of the machine as ended', async () => {
    const clock = new FakeClock();
    await storeAt('restart', clock, 'boot-1').acquire(TAG, 'sha256:old');

    const lease = await storeAt('restart', clock, 'boot-2').acquire(TAG, 'sha256:new');

    expect(lease.reference).toBe(TAG);
  });

  it('does not take away what a slow holder lost and another got', async () => {
    const [slow, quick] = [new FakeClock(), new FakeClock()];
    const lost = await storeAt('lost', slow).acquire(TAG, 'sha256:slow');
    await quick.advance(3001);
    const other = storeAt('lost', quick);
    await other.acquire(TAG, 'sha256:quick');

    await lost[Symbol.asyncDispose]();

    const third = expect(storeAt('lost', quick).acquire(TAG, 'sha256:third')).rejects.toMatchObject({
      code: 'LEASE_HELD',
    });
    await quick.advance(7000);
    await third;
  });

  it('says what to do about a file that is no database', () => {
    const file = join(folder, 'broken.sqlite');
    writeFileSync(file, 'this is not a database, and long enough to be seen as none'.repeat(20));

    expect(() => createSqliteLeaseStore({ file, owner: 'me' })).toThrow(
      expect.objectContaining({ code: 'LEASE_STORE_UNUSABLE' }),
    );
  });

  it('lets processes into their turns one at a time', async () => {
    const module = join(import.meta.dirname, 'sqlite-lease-store.ts');
    const log = join(folder, 'turns.log');
    const script = `
      import { appendFileSync } from 'node:fs';
      import { createSqliteLeaseStore } from ${JSON.stringify(module)};
      const store = createSqliteLeaseStore({ file: ${JSON.stringify(join(folder, 'turns', 'b.sqlite'))}, owner: 'p' + process.pid });
      for (let n = 0; n < 5; n += 1) {
        const lease = await store.acquire('r:t', 'sha256:x');
        appendFileSync(${JSON.stringify(log)}, 'in ' + process.pid + '\\n');
        await new Promise((resolve) => setTimeout(resolve, 3));
        appendFileSync(${JSON.stringify(log)}, 'out ' + process.pid + '\\n');
        await lease[Symbol.asyncDispose]();
      }
      store.close();`;
    const node = (): Promise<unknown> => run(process.execPath, ['--input-type=module', '-e', script]);

    await Promise.all([node(), node(), node()]);

    const lines = readFileSync(log, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(30);
    for (let n = 0; n < lines.length; n += 2) expect(lines[n + 1]).toBe(lines[n]?.replace('in', 'out'));
  }, 30_000);
});
