// SPDX-License-Identifier: Apache-2.0
import type { RedisConnection } from './redis-connection.ts';
import type { SharedCache } from './shared-cache.ts';

const READ = `return redis.call('GET', KEYS[1])`;
const WRITE = `redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1`;
const DROP = `redis.call('DEL', KEYS[1]) return 1`;

/** A cache for every machine that names the same server. Rejects when it cannot be reached. */
export function createRedisSharedCache(connection: RedisConnection): SharedCache {
  const run = (lua: string, key: string, args: readonly string[]): Promise<unknown> =>
    connection.run({ lua, keys: [`promograph:{${key}}:cache`], args });
  return {
    read: async (key) => {
      const value = await run(READ, key, []);
      return typeof value === 'string' ? value : null;
    },
    write: async (key, value, lifeMs) => {
      await run(WRITE, key, [value, String(Math.max(1, Math.floor(lifeMs)))]);
    },
    drop: async (key) => {
      await run(DROP, key, []);
    },
    close: async () => undefined,
  };
}
