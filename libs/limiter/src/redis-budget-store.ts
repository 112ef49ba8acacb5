// SPDX-License-Identifier: Apache-2.0
import type { BudgetStore } from './budget-store.ts';
import { type HostLimits, quotaId } from './host-limits.ts';
import type { Given } from './host-state.ts';
import type { ActionClass } from './limiter.ts';
import { BUDGET_SCRIPT } from './redis-budget-script.ts';
import type { RedisConnection } from './redis-connection.ts';

/** What a store in Redis needs. */
export interface RedisBudgetStoreOptions {
  readonly connection: RedisConnection;
  /** Names this process among those that share the store. */
  readonly process: string;
  /** The time that the script goes by, for tests. Default: the server's. */
  readonly now?: () => number;
}

/** Budgets of every machine that names the same server, by the server's clock. Rejects when the server cannot be reached. */
export function createRedisBudgetStore({ connection, process, now }: RedisBudgetStoreOptions): BudgetStore {
  const run = async (subject: string, ask: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const keys = [`promograph:{${subject}}:budget`, `promograph:{${subject}}:processes`];
    const args = [JSON.stringify(ask), process, now === undefined ? '' : String(now())];
    return JSON.parse(String(await connection.run({ lua: BUDGET_SCRIPT, keys, args }))) as Record<string, unknown>;
  };
  return {
    scope: 'shared',
    take: async (subject, { limits, wanted, spent }) =>
      givenOf(await run(subject, { op: 'take', ...plain(limits), wanted, spent })),
    refuse: async (subject, { limits, pauseMs, slows }) => {
      await run(subject, { op: 'refuse', ...plain(limits), pauseMs, slows });
    },
    giveBack: async (subject, { limits, actions, mark }) => {
      await run(subject, { op: 'giveBack', ...plain(limits), actions, mark });
    },
    check: async () => {
      await connection.run({ lua: 'return 1', keys: [], args: [] });
    },
    close: () => connection.close(),
  };
}

function plain({ perSecond, quotas }: HostLimits): Record<string, unknown> {
  return {
    perSecond: perSecond ?? 0,
    quotas: quotas.map((quota) => ({
      id: quotaId(quota),
      requests: quota.requests,
      windowMs: quota.windowMs,
      all: quota.actions === null,
      actions: quota.actions ?? [],
    })),
  };
}

/** JSON made by Lua writes an empty list as an empty mapping. */
function givenOf(answer: Record<string, unknown>): Given {
  return {
    granted: Array.isArray(answer['granted']) ? (answer['granted'] as ActionClass[]) : [],
    waits: answer['waits'] as Given['waits'],
    freeForMs: Number(answer['freeForMs']),
    mark: Number(answer['mark']),
    used: answer['used'] as Record<string, number>,
    processes: Number(answer['processes']),
  };
}
