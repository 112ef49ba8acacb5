// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  type BudgetStore,
  createFallbackBudgetStore,
  createFallbackLeaseStore,
  createLimiter,
  createMemoryBudgetStore,
  createMemoryLeaseStore,
  createRedisBudgetStore,
  createRedisConnection,
  createRedisLeaseStore,
  createRedisSharedCache,
  createSqliteBudgetStore,
  createSqliteLeaseStore,
  createSqliteSharedCache,
  type Limiter,
  type SqliteLeaseStore,
  systemClock,
  type TagLeaseStore,
} from '@promograph/limiter';
import type { RegistryProfile, TokenSharing } from '@promograph/registry';
import type { PortOptions } from './open-ports.ts';
import { stateHome } from './state-home.ts';

/** What all processes that name one store share: the budget of every request, and who may write a tag. */
export interface SharedBudget {
  readonly limiter: Limiter;
  readonly leases: TagLeaseStore;
  /** Undefined where no other process could use a token of this one. */
  readonly tokens: TokenSharing | undefined;
  close(): Promise<void>;
}

/** How long the others wait for a token that a killed process was asking for. */
const TOKEN_FLIGHT_MS = 4000;

interface Stores {
  readonly budget: BudgetStore;
  readonly leases: TagLeaseStore;
  readonly tokens?: TokenSharing;
  readonly close: () => Promise<void>;
}

/** Opens the store that the configuration names. Error: `LEASE_STORE_UNUSABLE`. */
export function openBudget(options: PortOptions, profileFor: (host: string) => RegistryProfile): SharedBudget {
  const { budget, leases, tokens, close } = openStores(options);
  const limiter = createLimiter({
    store: budget,
    budgetFor: (host) => {
      const { requestsPerSecond, budgets, countedPer } = profileFor(host);
      return { perSecond: requestsPerSecond, quotas: budgets, countedPer };
    },
    onLongWait: (host, { waitMs, waiting }) => {
      const seconds = Math.ceil(waitMs / 1000);
      const message = `${host}: its request budget is used up; ${waiting} waiting, the next goes in ${seconds} s`;
      options.onEvent({ type: 'notice', message });
    },
  });
  return { limiter, leases, tokens, close };
}

function openStores(options: PortOptions): Stores {
  if (options.config.limiter.store === 'memory') {
    return {
      budget: createMemoryBudgetStore(systemClock),
      leases: createMemoryLeaseStore(),
      close: async () => undefined,
    };
  }
  return options.config.limiter.store === 'sqlite' ? openMachineStores(options) : openRedisStores(options);
}

/** Every process of this user on this machine. */
function openMachineStores(options: PortOptions): Stores {
  const file = machineStoreFile(options);
  const leases = createSqliteLeaseStore({ file, owner: leaseOwner() });
  const budget = withLocalShare(createSqliteBudgetStore({ file }), options);
  const cache = createSqliteSharedCache(file);
  const flights = createSqliteLeaseStore({ file, owner: leaseOwner(), ttlMs: TOKEN_FLIGHT_MS });
  return {
    budget,
    leases,
    tokens: { cache, leases: flights },
    close: async () => {
      leases.close();
      flights.close();
      await cache.close();
      await budget.close();
    },
  };
}

/** Every machine that names the same server. While it is away the leases are those of this machine. */
function openRedisStores(options: PortOptions): Stores {
  const { config, env, onEvent } = options;
  const password = env['PROMOGRAPH_STORE_PASSWORD'] ?? '';
  const connection = createRedisConnection({ url: config.limiter.store, ...(password === '' ? {} : { password }) });
  const owner = leaseOwner();
  const budget = withLocalShare(createRedisBudgetStore({ connection, process: `${owner}:${randomUUID()}` }), options);
  let onMachine: SqliteLeaseStore | null = null;
  const local: TagLeaseStore = {
    scope: 'machine',
    acquire: (reference, digest, signal) => {
      onMachine ??= createSqliteLeaseStore({ file: machineStoreFile(options), owner });
      return onMachine.acquire(reference, digest, signal);
    },
  };
  const message = 'the store of the tag leases cannot be reached: until it is back they cover this machine only';
  const onLost = (): void => onEvent({ type: 'notice', message });
  return {
    budget,
    leases: createFallbackLeaseStore({ primary: createRedisLeaseStore({ connection, owner }), local, onLost }),
    tokens: {
      cache: createRedisSharedCache(connection),
      leases: createRedisLeaseStore({ connection, owner, ttlMs: TOKEN_FLIGHT_MS }),
    },
    close: async () => {
      onMachine?.close();
      await budget.close();
    },
  };
}

function leaseOwner(): string {
  return `${hostname()}:${process.pid}`;
}

function machineStoreFile({ env, homeDir }: PortOptions): string {
  return join(stateHome({ env, homeDir }), 'budget.sqlite');
}

/** The store, and a share of every budget while it is away: told once when it goes, and when it comes back. */
function withLocalShare(primary: BudgetStore, { config, onEvent }: PortOptions): BudgetStore {
  const { localShare } = config.limiter;
  return createFallbackBudgetStore({
    primary,
    clock: systemClock,
    ...(localShare === undefined ? {} : { share: localShare }),
    onLost: (share) => {
      const part = `${Math.round(share * 100)} %`;
      const message = `the store of the request budget cannot be reached: this process goes on with ${part} of each budget`;
      onEvent({ type: 'notice', message });
    },
    onBack: () => onEvent({ type: 'notice', message: 'the store of the request budget is back' }),
  });
}
