// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteLeaseStore, createSqliteSharedCache } from '@promograph/limiter';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ClientWorld,
  clientWorld,
  passwordSource,
  reply,
  stubServer,
  type StubServer,
} from './client-world.testing.ts';
import type { TokenSharing } from './shared-tokens.ts';

let folder = '';
let closing: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokens-'));
  closing = [];
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

/** What one process opens: every call stands for another process of the machine. */
function sharing(): TokenSharing {
  const file = join(folder, 'store', 'budget.sqlite');
  const cache = createSqliteSharedCache(file);
  const leases = createSqliteLeaseStore({ file, owner: 'test', ttlMs: 4000 });
  closing.push(() => cache.close());
  closing.push(() => leases.close());
  return { cache, leases };
}

function processWith(user = 'robot', tokens: TokenSharing | undefined = sharing()): ClientWorld {
  const world = clientWorld({ credentials: passwordSource(user, `password of ${user}`), tokens });
  closing.push(() => world[Symbol.asyncDispose]());
  return world;
}

/** A registry that takes the tokens that it issued last, one per user. */
async function registryWithTokens(lifeSeconds = 300): Promise<StubServer & { revoke(): void }> {
  let issued = 0;
  let valid = new Set<string>();
  const server = await stubServer((request, response) => {
    if (request.url?.startsWith('/token')) {
      const token = `issued-token-${(issued += 1)}`;
      valid.add(token);
      setTimeout(() => reply(response, 200, { token, expires_in: lifeSeconds }), 30);
    } else if (valid.has(request.headers.authorization?.replace('Bearer ', '') ?? '')) reply(response, 404);
    else reply(response, 401, '', { 'www-authenticate': `Bearer realm="${server.url}/token",service="r"` });
  });
  closing.push(() => server[Symbol.asyncDispose]());
  return Object.assign(server, { revoke: () => (valid = new Set()) });
}

const tokenRequests = ({ requests }: StubServer): number => requests.filter((line) => line.includes('/token')).length;
const look = ({ client }: ClientWorld, { host }: StubServer, path = 'app'): Promise<unknown> =>
  client.headManifest({ host, path }, 'v1');

describe('tokens that processes share', () => {
  it('are asked for once, however many processes begin at once', async () => {
    const server = await registryWithTokens();
    const worlds = Array.from({ length: 4 }, () => processWith());

    await Promise.all(worlds.map((world) => look(world, server)));
    await look(processWith(), server);

    expect(tokenRequests(server)).toBe(1);
  });

  it('are asked for again, once, when the registry no longer takes one', async () => {
    const server = await registryWithTokens();
    const [first, second] = [processWith(), processWith()];
    await look(first, server);
    await look(second, server);
    server.revoke();

    await look(first, server);
    await look(second, server);

    expect(tokenRequests(server)).toBe(2);
  });

  it('are neither used by another login nor for other repositories', async () => {
    const server = await registryWithTokens();
    await look(processWith('ada'), server);
    await look(processWith('grace'), server);
    await look(processWith('ada'), server, 'other');

    expect(tokenRequests(server)).toBe(3);
  });

  it('are not used up to their very end', async () => {
    const server = await registryWithTokens(1);
    await look(processWith(), server);
    await new Promise((resolve) => setTimeout(resolve, 850));
    await look(processWith(), server);

    expect(tokenRequests(server)).toBe(2);
  });

  it('stand in the store sealed, with no trace of the password either', async () => {
    const server = await registryWithTokens();
    await look(processWith(), server);
    const stored = ['', '-wal'].map((suffix) =>
      readFileSync(join(folder, 'store', `budget.sqlite${suffix}`), 'latin1'),
    );

    expect(stored.join('')).toContain('cache_1');
    expect(stored.join('')).not.toMatch(/issued-token|password of robot/);
  });

  it('cost a request and no more when the store fails or holds what we did not write', async () => {
    const server = await registryWithTokens();
    const broken = async (): Promise<never> => {
      throw new Error('away');
    };
    const failing = { read: broken, write: broken, drop: broken, close: async () => undefined };
    await look(processWith('ada', { cache: failing, leases: { scope: 'shared', acquire: broken } }), server);
    const { leases } = sharing();
    const strange = { ...failing, read: async () => 'something else entirely, long enough to be opened' };
    await look(processWith('ada', { cache: strange, leases }), server);

    expect(tokenRequests(server)).toBe(2);
  });
});
