// SPDX-License-Identifier: Apache-2.0
// Takes grants of a budget that is never used up, from a store in a file: a process of its own, so that several of them share
// the file as several runs would. Usage: node grant-taker.ts FILE GRANTS AT_ONCE. Waits for a line, prints what it cost.
import { once } from 'node:events';
import { createLimiter, createMemoryBudgetStore, createSqliteBudgetStore, systemClock } from '@promograph/limiter';

const [file = '', grants = '0', atOnce = '1'] = process.argv.slice(2);
const store = file === 'memory' ? createMemoryBudgetStore(systemClock) : createSqliteBudgetStore({ file });
const quotas = [{ requests: 1_000_000_000, windowMs: 60_000, actions: null }];
const limiter = createLimiter({ store, budgetFor: () => ({ perSecond: 1e9, quotas, countedPer: 'host' }) });

process.stdout.write('ready\n');
await once(process.stdin, 'data');
const cpu = process.cpuUsage();
const start = performance.now();
let left = Number(grants);
const work = async (): Promise<void> => {
  while ((left -= 1) >= 0) await limiter.acquire({ host: 'registry.example', action: 'head' });
};
await Promise.all(Array.from({ length: Number(atOnce) }, work));
const wallMs = performance.now() - start;
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(`${JSON.stringify({ wallMs, cpuUs: (user + system) / Number(grants) })}\n`);
await store.close();
process.exit();
