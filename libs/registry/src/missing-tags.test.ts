// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { digestOf } from '@promograph/oci';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clientWorld, reply, type StubServer, stubServer } from './client-world.testing.ts';
import type { RepositoryContents } from './registry-client.ts';

const DIGEST = digestOf('manifest');

const UNKNOWN = { errors: [{ code: 'NAME_UNKNOWN', message: 'repository name not known to registry' }] };

/** A repository of a host that lists only names. */
interface Repository {
  readonly tags: readonly string[];
  readonly digests?: readonly string[];
  /** What `tags/list` answers; default: the tags, in one page. */
  readonly listing?: 'forbidden' | 'not found' | 'paged' | readonly string[];
}

async function serve({ tags, digests = [], listing = tags }: Repository): Promise<StubServer> {
  const server = await stubServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://x');
    if (pathname.endsWith('/tags/list')) {
      if (listing === 'forbidden') return reply(response, 403);
      if (listing === 'not found') return reply(response, 404);
      if (Array.isArray(listing) && listing.length === 0) return reply(response, 404, UNKNOWN);
      if (listing !== 'paged') return reply(response, 200, { name: 'app', tags: listing });
      return reply(response, 200, { name: 'app', tags: tags.slice(0, 1) }, { link: '<list?last=a>; rel="next"' });
    }
    const reference = decodeURIComponent(pathname.split('/').at(-1) ?? '');
    const isThere = tags.includes(reference) || digests.includes(reference);
    const headers = { 'docker-content-digest': DIGEST, 'content-type': 'm', 'content-length': '7' };
    return isThere ? reply(response, 200, '', headers) : reply(response, 404);
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

async function observe(
  server: StubServer,
  wanted: readonly string[],
  digests: readonly (typeof DIGEST)[] = [],
): Promise<RepositoryContents | null> {
  await using world = clientWorld({ profile: { listing: 'oci', concurrency: 8 } });
  return world.client.observe({ host: server.host, path: 'app' }, { tags: wanted, digests });
}

function named(count: number, prefix = 'v'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

function counted({ requests }: StubServer): { heads: number; lists: number } {
  const lists = requests.filter((line) => line.startsWith('GET')).length;
  return { heads: requests.length - lists, lists };
}

describe('tags of a host that lists only names', () => {
  it('are asked for one by one where all are there', async () => {
    const server = await serve({ tags: named(100) });

    expect((await observe(server, named(100)))?.tags.size).toBe(100);

    expect(counted(server)).toEqual({ heads: 100, lists: 0 });
  });

  it.each([
    ['the repository is new', { tags: [] }],
    ['it has others', { tags: named(50, 'other') }],
  ])('cost one look and one list where none is there because %s', async (_, repository) => {
    const server = await serve(repository);

    expect((await observe(server, named(500)))?.tags.size).toBe(0);

    expect(counted(server)).toEqual({ heads: 1, lists: 1 });
  });

  it('are asked for where the list names them', async () => {
    const server = await serve({ tags: named(20) });

    expect([...((await observe(server, [...named(500, 'new'), ...named(20)]))?.tags.keys() ?? [])]).toEqual(named(20));

    expect(counted(server)).toEqual({ heads: 21, lists: 1 });
  });

  it('are not listed for one that is missing at the end of many', async () => {
    const server = await serve({ tags: named(100) });

    await observe(server, [...named(90), 'missing', ...named(3, 'v9')]);

    expect(counted(server)).toEqual({ heads: 94, lists: 0 });
  });

  it.each(['forbidden', 'not found', 'paged'] as const)(
    'are asked for one by one where the list is %s',
    async (listing) => {
      const server = await serve({ tags: ['v1', 'v2'], listing });

      expect((await observe(server, ['v0', 'v1', 'v2', 'v3']))?.tags.size).toBe(2);

      expect(counted(server)).toEqual({ heads: 4, lists: 1 });
    },
  );

  it('are asked for one by one where the list lacks one that was seen', async () => {
    const server = await serve({ tags: ['v0', 'v2', 'v3'], listing: ['other'] });

    expect((await observe(server, ['v0', 'v1', 'v2', 'v3', 'v4']))?.tags.size).toBe(3);
  });

  it('are asked for after all where an empty list has come, but what was named by digest is there', async () => {
    const server = await serve({ tags: ['v1', 'v2'], digests: [DIGEST], listing: [] });

    expect((await observe(server, ['v0', 'v1', 'v2'], [DIGEST]))?.tags.size).toBe(2);
  });

  it('are found whatever is there, for one request more than a look at each at most', async () => {
    const repository = fc.record({
      there: fc.uniqueArray(fc.nat(39), { maxLength: 40 }),
      wanted: fc.uniqueArray(fc.nat(39), { maxLength: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(repository, async ({ there, wanted }) => {
        const tags = there.map((name) => `v${name}`);
        const server = await serve({ tags });
        const asked = wanted.map((name) => `v${name}`);
        const expected = asked.filter((tag) => tags.includes(tag));

        expect([...((await observe(server, asked))?.tags.keys() ?? [])]).toEqual(expected);

        const { heads, lists } = counted(server);
        expect(lists).toBeLessThanOrEqual(1);
        expect(heads + lists).toBeLessThanOrEqual(asked.length + 1);
      }),
      { numRuns: 30 },
    );
  });
});
