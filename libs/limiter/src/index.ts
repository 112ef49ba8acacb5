// SPDX-License-Identifier: Apache-2.0
export { systemClock } from './clock.ts';
export type { Clock } from './clock.ts';
export { GrantQueue } from './grant-queue.ts';
export { createMemoryLeaseStore } from './memory-lease-store.ts';
export { createMemoryLimiter } from './memory-limiter.ts';
export type { MemoryLimiterOptions } from './memory-limiter.ts';
export { makeGrant } from './limiter.ts';
export type { AcquireOptions, ActionClass, Grant, Limiter, LimiterKey, Outcome, Priority } from './limiter.ts';
export { LimiterError } from './limiter-error.ts';
export type { LimiterErrorCode } from './limiter-error.ts';
export { createSqliteLeaseStore } from './sqlite-lease-store.ts';
export type { SqliteLeaseStore, SqliteLeaseStoreOptions } from './sqlite-lease-store.ts';
export type { TagLease, TagLeaseStore } from './tag-lease.ts';
