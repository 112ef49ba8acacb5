// SPDX-License-Identifier: Apache-2.0
import {
  type BudgetStore,
  createMemoryBudgetStore,
  createRedisBudgetStore,
  createRedisConnection,
  createRedisLeaseStore,
  type Given,
  type HostLimits,
  type RedisConnection,
} from '@promograph/limiter';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisProcess, startRedis } from './support/redis-process.ts';

const PASSWORD = 'only for this test';
let redis: RedisProcess;
const connections: RedisConnection[] = [];

beforeAll(async () => {
  redis = await startRedis(PASSWORD);
});
afterAll(async () => {
  for (const connection of connections) await connection.close();
  await redis.close();
});

function connect(password = PASSWORD): RedisConnection {
  const connection = createRedisConnection({ url: redis.url, password, timeoutMs: 5000, connectTimeoutMs: 3000 });
  connections.push(connection);
  return connection;
}

const action = fc.constantFrom('head', 'list', 'upload', 'manifestWrite');
const limits: fc.Arbitrary<HostLimits> = fc.constantFrom(
  { perSecond: null, quotas: [] },
  { perSecond: 50, quotas: [] },
  {
    perSecond: 200,
    quotas: [
      { requests: 30, windowMs: 5000, actions: null },
      { requests: 20, windowMs: 1000, actions: ['upload', 'manifestWrite'] },
    ],
  },
);
const step = fc.record({
  waitMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3000 })),
  kind: fc.constantFrom('take', 'take', 'take', 'refuse', 'giveBack'),
  wanted: fc.array(action, { maxLength: 12 }),
  spent: fc.nat({ max: 3 }),
  pauseMs: fc.option(fc.nat({ max: 4000 }), { nil: undefined }),
  slows: fc.boolean(),
});

/** The script writes 14 digits: its waits differ by less than a millisecond. */
function expectAlike(there: Given, here: Given): void {
  const plain = ({ granted, freeForMs, used, waits }: Given): unknown => {
    return { granted, freeForMs, used: used ?? {}, waiting: Object.keys(waits).sort() };
  };
  expect(plain(there)).toEqual(plain(here));
  for (const [name, ms] of Object.entries(here.waits)) {
    expect(Math.abs(ms - (there.waits[name as 'head'] ?? Infinity))).toBeLessThan(1);
  }
}

describe('the script in Redis', () => {
  it('gives what the arithmetic in this process gives, for every course of questions', async () => {
    const connection = connect();
    let worlds = 0;
    await fc.assert(
      fc.asyncProperty(limits, fc.array(step, { maxLength: 40, size: 'max' }), async (hostLimits, steps) => {
        let now = 1_000_000;
        const subject = `host-${(worlds += 1)}`;
        const here = createMemoryBudgetStore({ now: () => now });
        const there = createRedisBudgetStore({ connection, process: 'one', now: () => now });
        let last: Given[] = [];
        for (const { waitMs, kind, wanted, spent, pauseMs, slows } of steps) {
          now += waitMs;
          const both = [here, there] as const;
          if (kind === 'refuse') {
            for (const store of both) await store.refuse(subject, { limits: hostLimits, pauseMs, slows });
          } else if (kind === 'giveBack' && last[0] && last[1]) {
            for (const [index, store] of both.entries()) {
              const { granted, mark } = last[index] as Given;
              await store.giveBack(subject, { limits: hostLimits, actions: granted.slice(0, 2), mark });
            }
            last = [];
          } else {
            const asking = { limits: hostLimits, wanted: wanted as never[], spent: { head: spent } };
            last = [await here.take(subject, asking), await there.take(subject, asking)];
            expectAlike(last[1] as Given, last[0] as Given);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('goes by the time of the server, and knows how many use the budget', async () => {
    const take = (store: BudgetStore): Promise<Given> =>
      Promise.resolve(store.take('shared', { limits: { perSecond: 2, quotas: [] }, wanted: ['head'], spent: {} }));
    const one = createRedisBudgetStore({ connection: connect(), process: 'one' });
    const two = createRedisBudgetStore({ connection: connect(), process: 'two' });

    expect(await take(one)).toMatchObject({ granted: ['head'], processes: 1 });
    const second = await take(two);
    expect(second).toMatchObject({ granted: [], processes: 2 });
    expect(second.waits.head).toBeGreaterThan(0);
    expect(second.waits.head).toBeLessThan(600);
  });
});

describe('a store in Redis', () => {
  it('fails within its time limit when the server goes away, and works again when it is back', async () => {
    const connection = connect();
    const store = createRedisBudgetStore({ connection, process: 'one' });
    await store.check();
    await redis.stop();

    await expect(Promise.resolve(store.check())).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    await redis.start();
    await expect.poll(async () => Promise.resolve(store.check()).then(() => 'reached', String)).toBe('reached');
  });

  it('tells no password when it is refused', async () => {
    const wrong = createRedisBudgetStore({ connection: connect('hunter22'), process: 'one' });
    const error = await Promise.resolve(wrong.check()).catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter22');
  });

  it('lets one machine at a time write a tag, and frees what a dead one held', async () => {
    const [one, two] = [connect(), connect()].map((connection, index) =>
      createRedisLeaseStore({ connection, owner: `machine ${index}`, ttlMs: 1500 }),
    );
    const tag = 'registry.example/app:v1';
    const first = await one?.acquire(tag, 'sha256:one');
    const order: string[] = [];
    const second = two?.acquire(tag, 'sha256:two').then((lease) => {
      order.push('second');
      return lease;
    });
    // Longer than a life: the lease of a living holder is renewed.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    order.push('released');
    await first?.[Symbol.asyncDispose]();
    await second;

    expect(order).toEqual(['released', 'second']);
    await connections.at(-1)?.close();
    const third = await one?.acquire(tag, 'sha256:three');
    expect(third?.reference).toBe(tag);
    await third?.[Symbol.asyncDispose]();
  });
});
