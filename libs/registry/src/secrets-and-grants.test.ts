// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { startRegistry } from '@promograph/devstack';
import { Secret } from '@promograph/errors';
import { createMemoryLimiter, type Limiter } from '@promograph/limiter';
import { type Descriptor, digestOf, parseManifestDocument } from '@promograph/oci';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientWorld, reply, stubServer } from './client-world.testing.ts';
import type { Credential, CredentialSource } from './credential.ts';

const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

/** Secrets as they are in the world: long, and of characters that mean something in JSON, URLs and headers. */
const secretText = fc.stringMatching(/^[A-Za-z0-9._~+/=-]{12,40}$/);

/** What the next request, and its token, are answered with. */
interface Malice {
  issued: string;
  status: number;
}

describe('secrets', () => {
  it('are in no error and no event, whatever the host repeats of what it was sent', async () => {
    const malice: Malice = { issued: '', status: 401 };
    await using server = await stubServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        const heard = `${request.headers.authorization ?? ''} ${request.url} ${body}`;
        const password = Buffer.from(request.headers.authorization?.split(' ')[1] ?? '', 'base64').toString();
        const told = { errors: [{ code: `X ${heard}`, message: `you sent ${heard} that is ${password}` }] };
        if (request.url?.startsWith('/token'))
          reply(response, malice.issued === '' ? 403 : 200, malice.issued === '' ? told : { token: malice.issued });
        else if (request.headers.authorization === undefined)
          reply(response, 401, told, { 'www-authenticate': `Bearer realm="${server.url}/token"` });
        else reply(response, malice.status, told, { 'www-authenticate': `Bearer realm="${server.url}/token"` });
      });
    });
    const kinds = fc.constantFrom('basic', 'identity', 'bearer');
    const statuses = fc.constantFrom(400, 401, 403, 500);
    await fc.assert(
      fc.asyncProperty(secretText, secretText, kinds, statuses, async (own, issued, ...[kind, status]) => {
        Object.assign(malice, { issued: status === 400 ? '' : issued, status });
        const credential: Credential =
          kind === 'basic'
            ? { kind, username: 'robot', password: new Secret(own) }
            : { kind: kind, token: new Secret(own) };
        const credentials: CredentialSource = { find: async () => ({ credential, source: 'the test' }) };
        await using world = clientWorld({ credentials });

        const error = await world.client
          .headManifest({ host: server.host, path: 'app' }, 'v1')
          .catch((e: unknown) => e);
        const put = await world.client.startUpload({ host: server.host, path: 'app' }).catch((e: unknown) => e);

        const told =
          [error, put].map((e) => `${JSON.stringify(e)} ${inspect(e, { depth: 9 })}`).join() +
          JSON.stringify(world.events);
        expect(told).toContain('REGISTRY_');
        expect(told).not.toContain(own);
        expect(told).not.toContain(issued);
        expect(told).not.toContain(Buffer.from(`robot:${own}`).toString('base64'));
      }),
      { numRuns: 40 },
    );
  });
});

describe('grants', () => {
  it('are taken for every request of every method, tokens included', async () => {
    const users = [{ username: 'robot', password: 'password' }];
    const registry = await startRegistry({ auth: { mode: 'bearer', users } });
    const taken: string[] = [];
    const inner = createMemoryLimiter({ capFor: () => null });
    const limiter: Limiter = {
      acquire: (key, options) => {
        taken.push(key.action);
        return inner.acquire(key, options);
      },
      report: (key, outcome) => inner.report(key, outcome),
    };
    const credential: Credential = { kind: 'basic', username: 'robot', password: new Secret('password') };
    await using world = clientWorld({ limiter, credentials: { find: async () => ({ credential, source: 'test' }) } });
    const { client } = world;
    const repository = { host: registry.host, path: 'app' };
    const bytes = Buffer.from(
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}',
    );
    const blob: Descriptor = {
      ...parseManifestDocument(bytes, ''),
      sizeBytes: 3,
      digest: digestOf('abc'),
      platform: null,
      isForeign: false,
    };

    const start = await client.startUpload(repository);
    if (start.kind === 'started') await client.finishUpload(start.session, blob, Readable.from([Buffer.from('abc')]));
    const second = await client.startUpload(repository);
    if (second.kind === 'started') await client.cancelUpload(second.session);
    await client.hasBlob(repository, blob.digest);
    (await client.openBlob(repository, blob)).body.resume();
    await client.putManifest(repository, 'v1', parseManifestDocument(bytes, ''));
    await client.observe(repository, { tags: ['v1'], digests: [] });
    await client.listReferrers(repository, blob.digest);
    await client.listCatalog(registry.host);

    expect(taken).toHaveLength(registry.counts.total);
    expect(new Set(taken)).toEqual(new Set(['upload', 'token', 'head', 'read', 'manifestWrite', 'list']));
    await registry.close();
  });

  it('are taken for every hop of a redirect and every try, as many as the servers count', async () => {
    const bytes = Buffer.from('abc');
    let isRefusing = true;
    await using storage = await stubServer((_request, response) => reply(response, 200, bytes));
    await using registry = await stubServer((request, response) => {
      if (request.url?.includes('/blobs/')) reply(response, 307, '', { location: `${storage.url}/somewhere` });
      else if (isRefusing) reply(response, 503, '', { 'retry-after': '0' });
      else reply(response, 404);
      isRefusing = false;
    });
    const taken: string[] = [];
    const inner = createMemoryLimiter({ capFor: () => null });
    const limiter: Limiter = {
      acquire: (key, options) => {
        taken.push(key.host);
        return inner.acquire(key, options);
      },
      report: (key, outcome) => inner.report(key, outcome),
    };
    await using world = clientWorld({ limiter });
    const repository = { host: registry.host, path: 'app' };
    await world.client.headManifest(repository, 'v1');
    const blob: Descriptor = {
      ...parseManifestDocument(Buffer.from('{"schemaVersion":2,"manifests":[]}'), INDEX_TYPE),
      sizeBytes: 3,
      digest: digestOf('abc'),
      platform: null,
      isForeign: false,
    };
    (await world.client.openBlob(repository, blob)).body.resume();

    expect(taken.filter((host) => host === registry.host)).toHaveLength(registry.requests.length);
    expect(taken.filter((host) => host === storage.host)).toHaveLength(storage.requests.length);
    expect([registry.requests.length, storage.requests.length]).toEqual([3, 1]);
  });

  it('are waited for only as long as the call is wanted', async () => {
    const stop = new AbortController();
    await using world = clientWorld({ limiter: createMemoryLimiter({ capFor: () => 0.001 }) });
    const repository = { host: '127.0.0.1:1', path: 'app' };
    const options = { signal: stop.signal };
    const calls = [1, 2].map((n) =>
      world.client.headManifest(repository, `v${n}`, options).catch((error: unknown) => error),
    );
    setTimeout(() => stop.abort(new Error('stopped')), 20);

    expect(await calls[1]).toMatchObject({ code: 'REGISTRY_CANCELLED' });
  });
});
