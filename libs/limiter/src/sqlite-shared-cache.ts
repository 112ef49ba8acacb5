// SPDX-License-Identifier: Apache-2.0
import type { SharedCache } from './shared-cache.ts';
import { openStoreFile } from './store-file.ts';

const SCHEMA = `
  create table if not exists cache_1 (
    key   text primary key,
    value text not null,
    until real not null
  ) strict, without rowid`;

/** A cache for every process of this machine that names the same file. Error: `LEASE_STORE_UNUSABLE`. */
export function createSqliteSharedCache(file: string, wallMs: () => number = Date.now): SharedCache {
  const database = openStoreFile(file, SCHEMA);
  const read = database.prepare('select value from cache_1 where key = ? and until > ?');
  const write = database.prepare('insert or replace into cache_1 (key, value, until) values (?, ?, ?)');
  const drop = database.prepare('delete from cache_1 where key = ? or until <= ?');
  return {
    read: async (key) => {
      const row = read.get(key, wallMs());
      return row === undefined ? null : String(row['value']);
    },
    write: async (key, value, lifeMs) => {
      drop.run(key, wallMs());
      write.run(key, value, wallMs() + lifeMs);
    },
    drop: async (key) => {
      drop.run(key, wallMs());
    },
    close: async () => database.close(),
  };
}
