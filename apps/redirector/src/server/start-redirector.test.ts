// SPDX-License-Identifier: Apache-2.0
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { RangeTable, type RedirectConfig } from '@promograph/redirect';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type FakeBackend,
  type RedirectorWorld,
  sendTo,
  settingsOf,
  startFakeBackend,
  startWorld,
} from '../redirector-world.testing.ts';
import type { HttpProbe } from './http-probe.ts';
import { startRedirector } from './start-redirector.ts';

const HEX = 'ab'.repeat(32);
const MANIFEST = `/v2/p/manifests/sha256:${HEX}`;

let west: FakeBackend;
let canonical: FakeBackend;
let world: RedirectorWorld;
beforeEach(async () => {
  west = await startFakeBackend();
  canonical = await startFakeBackend();
});
afterEach(async () => {
  await world.redirector.stop();
  await west.close();
  await canonical.close();
});

const configOf = (overrides: Partial<RedirectConfig> = {}): RedirectConfig => ({
  canonical: [{ endpoint: canonical.url, prefix: 'prod' }],
  regions: { west: { endpoint: west.url, prefix: 'prod' } },
  default: 'west',
  ...overrides,
});

describe('a redirector', () => {
  it('sends clients to their region when that has what they ask for', async () => {
    world = await startWorld(configOf());
    west.answer = () => 200;

    const { status, headers, body } = await world.send(`${MANIFEST}?ns=registry.example`);

    expect({ status, body }).toEqual({ status: 307, body: '' });
    expect(headers.location).toBe(`${west.url}/v2/prod/p/manifests/sha256:${HEX}?ns=registry.example`);
    expect(headers['cache-control']).toBe('no-store');
  });

  it('sends them to the canonical registry when it does not, and asks once', async () => {
    world = await startWorld(configOf());

    const replies = [await world.send(MANIFEST), await world.send(MANIFEST)];

    expect(replies.map(({ headers }) => headers.location)).toEqual(
      Array(2).fill(`${canonical.url}/v2/prod${MANIFEST.slice(3)}`),
    );
    expect(west.asked).toEqual([`/v2/prod/p/manifests/sha256:${HEX}`]);
    expect(canonical.asked).toEqual([]);
  });

  it('does not wait longer for a region than configured', async () => {
    world = await startWorld(configOf({ probe: { timeout: '50ms' } }));
    west.answer = () => null;

    expect((await world.send(MANIFEST)).headers.location).toContain(west.url);
  });

  it.each([
    ['a path that climbs', '/v2/../../etc/manifests/v1', 404, 'NAME_UNKNOWN'],
    ['a malformed digest', '/v2/p/blobs/sha256:1', 400, 'DIGEST_INVALID'],
    ['what was taken down', '/v2/bad/manifests/v1', 451, 'DENIED'],
  ])('answers %s itself, with a body of the specification', async (_name, path, status, code) => {
    world = await startWorld(configOf({ takedown: [{ repository: 'bad' }] }));

    const reply = await world.send(path);

    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.body)).toMatchObject({ errors: [{ code }] });
    expect(west.asked).toEqual([]);
  });

  it('says what it is and which methods it has', async () => {
    world = await startWorld(configOf());

    expect((await world.send('/v2/')).headers).toMatchObject({ 'docker-distribution-api-version': 'registry/2.0' });
    const refused = await world.send('/v2/', { method: 'POST' });
    expect([refused.status, refused.headers.allow]).toEqual([405, 'GET, HEAD']);
    expect((await world.send('/v2/', { method: 'HEAD' })).body).toBe('');
  });

  it('believes the header of the load balancer, and the hops it was told', async () => {
    const client = { trustedHops: 1, header: 'X-Client-Region' };
    world = await startWorld(configOf({ client, probe: false, default: 'canonical' }));

    const headers = { 'x-client-region': 'west', 'x-forwarded-for': '1.1.1.1, 192.0.2.7' };
    expect((await world.send('/v2/p/tags/list', { headers })).headers.location).toBe(`${west.url}/v2/prod/p/tags/list`);
    await expect.poll(() => world.log).toHaveLength(1);
    expect(JSON.parse(world.log[0] ?? '')).toMatchObject({
      client: '192.0.2.7',
      region: 'west',
      reason: 'region',
      status: 307,
    });
  });
});

describe('limits', () => {
  it('refuse a head that is too large', async () => {
    world = await startWorld(configOf({ limits: { headerBytes: 1024 } }));

    expect((await world.send(`/v2/p/tags/list?last=${'a'.repeat(2000)}`)).status).toBe(431);
  });

  it('end a connection that does not send its head', async () => {
    world = await startWorld(configOf({ limits: { headersTimeout: '100ms', requestTimeout: '1h' } }));

    const socket = connect(world.redirector.port, '127.0.0.1');
    socket.write('GET /v2/ HTTP/1.1\r\nX: ');
    const text = await new Promise<string>((resolve) => {
      let received = '';
      socket.on('data', (chunk) => (received += chunk.toString())).on('close', () => resolve(received));
    });

    expect(text).toMatch(/^HTTP\/1.1 408 /);
  });

  it('end a connection that is idle, however much it asked before', async () => {
    world = await startWorld(configOf({ limits: { idleTimeout: '200ms' } }));

    const socket = connect(world.redirector.port, '127.0.0.1');
    let received = '';
    const ended = new Promise<void>((resolve) => {
      socket.on('data', (chunk) => (received += chunk.toString())).on('close', () => resolve());
    });
    for (let asked = 1; asked <= 3; asked += 1) {
      socket.write('GET /v2/ HTTP/1.1\r\nHost: a\r\n\r\n');
      await expect.poll(() => received.split('HTTP/1.1 200 OK').length - 1).toBe(asked);
    }
    await ended;

    expect(received).not.toContain('Connection: close');
  });

  it('do not take a client for idle that waits for a registry', async () => {
    world = await startWorld(configOf({ probe: { timeout: '700ms' }, limits: { idleTimeout: '100ms' } }));
    west.answer = () => null;

    expect((await world.send(MANIFEST)).status).toBe(307);
  });
});

describe('what operators see', () => {
  it('is the count of requests, probes and health', async () => {
    world = await startWorld(configOf());
    await expect.poll(async () => (await world.readPage('/readyz')).status).toBe(200);
    await world.send(MANIFEST);
    await world.send('/v2/');

    const { body } = await world.readPage('/metrics');

    const name = 'promograph_redirector_';
    expect(body).toContain(
      `${name}requests_total{kind="manifest-by-digest",region="west",backend="canonical",reason="absent",status="307"} 1\n`,
    );
    expect(body).toContain(
      `${name}requests_total{kind="ping",region="west",backend="",reason="ping",status="200"} 1\n`,
    );
    expect(body).toContain(`${name}probes_total{backend="west",answer="4xx"} 1\n`);
    expect(body).toContain(`${name}probe_seconds_count{backend="west"} 1\n`);
    expect(body).toContain(`${name}questions_total{result="asked"} 1\n`);
    expect(body).toContain(`${name}remembered_entries{table="misses"} 1\n`);
    expect(body).toContain(`${name}backend_healthy{backend="canonical"} 1\n`);
    // A second look at the format: every line is a comment or `name{labels} number`.
    for (const line of body.trimEnd().split('\n'))
      expect(line).toMatch(/^(?:# TYPE \w+ \w+|\w+(?:\{[^{}]*\})? [0-9.e+-]+)$/);
  });

  it('is that the first checks are not done yet', async () => {
    const never = new Promise<never>(() => undefined);
    const settings = settingsOf(configOf());
    const openProbe = (): HttpProbe => ({ probe: () => never, check: () => never, close: async () => undefined });
    const redirector = await startRedirector(settings, { writeLog: () => undefined, openProbe });

    const reply = await sendTo(redirector.metricsPort ?? 0, '/readyz');
    await redirector.stop();

    expect(reply).toMatchObject({ status: 503, body: 'first checks are under way\n' });
  });

  it('is a process that lives and registries that do not', async () => {
    await west.close();
    await canonical.close();
    world = await startWorld(configOf({ health: { interval: '60ms', fall: 2, timeout: '50ms' } }));

    expect((await world.send('/healthz')).status).toBe(200);
    await expect.poll(async () => (await world.send('/readyz')).body).toBe('no registry is healthy\n');
    expect((await world.send(MANIFEST)).headers.location).toContain(west.url);
  });

  it.each(['/metrics', '/metrics?job=redirector', '/healthz?from=probe'])('is at %s', async (path) => {
    world = await startWorld(configOf());

    expect((await world.readPage(path)).status).toBe(200);
  });

  it('is not on the port of clients', async () => {
    world = await startWorld(configOf());

    expect((await world.send('/metrics')).status).toBe(404);
    expect((await world.readPage('/v2/')).status).toBe(404);
  });

  it('is a share of the requests in the log, one line each', async () => {
    world = await startWorld(configOf({ log: { sample: 0.25 } }));

    for (let at = 0; at < 8; at += 1) await world.send('/v2/p"\\/tags/list');

    await expect.poll(() => world.log).toHaveLength(2);
    expect(JSON.parse(world.log[0] ?? '')).toMatchObject({ path: '/v2/p"\\/tags/list', status: 404 });
  });
});

describe('a reload', () => {
  it('goes by the new configuration and remembers what was there', async () => {
    world = await startWorld(configOf());
    west.answer = () => 200;
    await world.send(MANIFEST);

    world.redirector.reload(settingsOf(configOf({ takedown: [{ repository: 'bad' }] })));

    expect((await world.send('/v2/bad/tags/list')).status).toBe(451);
    expect((await world.send(MANIFEST)).headers.location).toContain(west.url);
    expect(west.asked).toHaveLength(1);
    expect((await world.readPage('/metrics')).body).toContain('reloads_total{result="taken"} 1');
  });

  it('places clients by the new ranges', async () => {
    const regions = { west: { endpoint: west.url, serves: ['aws:home'] } };
    const settings = settingsOf(configOf({ regions, default: 'canonical' }));
    world = await startWorld(configOf({ regions, default: 'canonical' }));
    expect((await world.send('/v2/p/tags/list')).headers.location).toContain(canonical.url);

    world.redirector.reload({ ...settings, ranges: new RangeTable([{ cidr: '127.0.0.0/8', label: 'aws:home' }]) });

    expect((await world.send('/v2/p/tags/list')).headers.location).toContain(west.url);
  });
});

describe('a stop', () => {
  it('ends what is under way, and then takes nothing', async () => {
    world = await startWorld(configOf({ probe: { timeout: '1s' } }));
    let release: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (release = resolve));
    west.answer = () => {
      release();
      return null;
    };

    const underWay = world.send(MANIFEST);
    await asked;
    const stopped = world.redirector.stop();

    expect(await world.readPage('/readyz')).toMatchObject({ status: 503, body: 'stopping\n' });
    expect((await underWay).status).toBe(307);
    await stopped;
    expect(world.log).toHaveLength(1);
    await expect(sendTo(world.redirector.port, '/v2/')).rejects.toThrow();
  });

  it('closes the connections of clients that would keep them, and does not wait until it may cut them', async () => {
    world = await startWorld(configOf({ probe: { timeout: '1s' }, limits: { drain: '1h' } }));
    const agent = new Agent({ keepAlive: true });
    let release: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (release = resolve));
    west.answer = () => {
      release();
      return null;
    };

    const underWay = sendTo(world.redirector.port, MANIFEST, { agent });
    await asked;
    const stopped = world.redirector.stop();

    expect((await underWay).headers.connection).toBe('close');
    await stopped;
    agent.destroy();
  });

  it('of a start that cannot listen leaves nothing behind', async () => {
    world = await startWorld(configOf());
    const settings = { ...settingsOf(configOf()), listen: { host: '127.0.0.1', port: world.redirector.port } };

    await expect(startRedirector(settings, { writeLog: () => undefined })).rejects.toMatchObject({
      code: 'REDIRECTOR_CANNOT_LISTEN',
    });
  });
});
