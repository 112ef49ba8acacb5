// SPDX-License-Identifier: Apache-2.0
import { systemClock } from './clock.ts';
import { DEFAULT_LEASE_TTL_MS } from './defaults.ts';
import type { LeaseRows } from './lease-rows.ts';
import { PollingLeaseStore } from './polling-lease-store.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { TagLeaseStore } from './tag-lease.ts';

const TAKE = `
if redis.call('HSETNX', KEYS[1], 'token', ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'owner', ARGV[2], 'digest', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1`;
const RENEW = `
if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1`;
const DROP = `
if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`;
const HOLDER = `return redis.call('HMGET', KEYS[1], 'owner', 'digest')`;

/** Where the leases live and how long one lasts without renewal. */
export interface RedisLeaseStoreOptions {
  readonly connection: RedisConnection;
  /** Told to others that wait: for example `host:pid`. */
  readonly owner: string;
  /** Default 15 000 ms, by the server's clock. */
  readonly ttlMs?: number;
}

/**
 * Leases for every machine that names the same server. Rejects when the server cannot be reached, and with `LEASE_HELD` when
 * others have held the lease for two lives on end.
 */
export function createRedisLeaseStore(options: RedisLeaseStoreOptions): TagLeaseStore {
  const { connection, owner, ttlMs = DEFAULT_LEASE_TTL_MS } = options;
  const rows = redisRows(connection);
  return new PollingLeaseStore({ rows, scope: 'shared', owner, ttlMs, clock: systemClock });
}

function redisRows(connection: RedisConnection): LeaseRows {
  const run = (lua: string, reference: string, args: readonly string[]): Promise<unknown> =>
    connection.run({ lua, keys: [`promograph:{${reference}}:lease`], args });
  return {
    take: async ({ reference, digest, owner, token }, ttlMs) =>
      (await run(TAKE, reference, [token, owner, digest, String(ttlMs)])) === 1,
    renew: async (reference, token, ttlMs) => {
      await run(RENEW, reference, [token, String(ttlMs)]);
    },
    drop: async (reference, token) => {
      await run(DROP, reference, [token]);
    },
    holder: async (reference) => {
      const [owner, digest] = (await run(HOLDER, reference, [])) as (string | null)[];
      return owner === null || owner === undefined ? null : { owner, digest: digest ?? '' };
    },
  };
}
