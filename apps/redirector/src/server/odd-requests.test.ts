// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type FakeBackend,
  type RedirectorWorld,
  sendRaw,
  startFakeBackend,
  startWorld,
} from '../redirector-world.testing.ts';

const HEX = 'ab'.repeat(32);
const HOST = 'Host: registry.example\r\n';
const TAG = '/v2/p/manifests/v1';
/** The last request of a connection: it shows that what came before it was read to its end and no further. */
const LAST = `GET /privacyfoo HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;

let west: FakeBackend;
let world: RedirectorWorld;
beforeEach(async () => {
  west = await startFakeBackend();
  west.answer = () => 200;
});
afterEach(async () => {
  await world.redirector.stop();
  await west.close();
});

async function start(more: object = {}): Promise<RedirectorWorld> {
  const canonical = [{ endpoint: 'https://canonical.example' }];
  world = await startWorld({ canonical, regions: { west: { endpoint: west.url } }, default: 'west', ...more });
  return world;
}

/** Statuses of all answers on one connection. */
async function statusesOf(text: string): Promise<readonly number[]> {
  const received = await sendRaw(world.redirector.port, text);
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

describe('a connection', () => {
  it.each<[string, string, readonly number[]]>([
    [
      'with a body is read to its end',
      `POST ${TAG} HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello${LAST}`,
      [405, 404],
    ],
    ['with an empty body is', `PUT ${TAG} HTTP/1.1\r\n${HOST}Content-Length: 0\r\n\r\n${LAST}`, [405, 404]],
    ['with a GET that has a body is', `GET ${TAG} HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc${LAST}`, [307, 404]],
    [
      'with a body in chunks is',
      `GET ${TAG} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n${LAST}`,
      [307, 404],
    ],
    [
      'whose client waits before it sends a body is told to go on',
      `POST ${TAG} HTTP/1.1\r\n${HOST}Content-Length: 2\r\nExpect: 100-continue\r\n\r\nok${LAST}`,
      [100, 405, 404],
    ],
    [
      'that would be another protocol stays this one',
      `GET ${TAG} HTTP/1.1\r\n${HOST}Connection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`,
      [307],
    ],
    [
      'takes many requests at once',
      `GET /v2/ HTTP/1.1\r\n${HOST}\r\nHEAD /v2/ HTTP/1.1\r\n${HOST}\r\n`.repeat(50) + LAST,
      [...Array<number>(100).fill(200), 404],
    ],
    ['of a client of HTTP/1.0 ends after one', `GET ${TAG} HTTP/1.0\r\n\r\n`, [307]],
    ['without the name of a host is refused', 'GET /v2/ HTTP/1.1\r\n\r\n', [400]],
    [
      'with two lengths of one body is refused',
      `POST /v2/ HTTP/1.1\r\n${HOST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      [400],
    ],
    ['with a control character in its path is refused', `GET /v2/p\x01/tags/list HTTP/1.1\r\n${HOST}\r\n`, [400]],
    ['that begins with TLS is refused', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
  ])('%s', async (_name, text, expected) => {
    await start();

    expect(await statusesOf(text)).toEqual(expected);
  });

  it('gets its answers in the order of its requests, whichever must be asked about', async () => {
    west.answer = (path) => (path.includes('absent') ? 404 : 200);
    await start();
    const paths = ['/v2/p/manifests/absent', '/v2/', `/v2/p/manifests/sha256:${HEX}`, '/v2/p/tags/list'];

    const received = await sendRaw(
      world.redirector.port,
      paths.map((path) => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`).join('') + LAST,
    );

    const answers = received.split(/(?=HTTP\/1\.1 )/).map((answer) => {
      return /Location: (\S+)/.exec(answer)?.[1] ?? Number(answer.slice(9, 12));
    });
    expect(answers).toEqual([
      'https://canonical.example/v2/p/manifests/absent',
      200,
      west.url + String(paths[2]),
      west.url + String(paths[3]),
      404,
    ]);
  });

  it('may name a host in its target, which leads nowhere else', async () => {
    await start();

    const received = await sendRaw(
      world.redirector.port,
      `GET http://evil.example${TAG}?ns=x HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
    );

    expect(received).toContain(`\r\nLocation: ${west.url}${TAG}?ns=x\r\n`);
  });

  it('that ends while a region is asked takes nothing with it', async () => {
    await start({ probe: { timeout: '50ms' } });
    west.answer = () => null;
    for (let at = 0; at < 20; at += 1) {
      const socket = connect(world.redirector.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(`GET /v2/p/manifests/t${at} HTTP/1.1\r\n${HOST}\r\n`);
      setImmediate(() => (at % 2 === 0 ? socket.destroy() : socket.resetAndDestroy()));
      await once(socket, 'close');
    }

    await expect
      .poll(async () => (await world.readPage('/metrics')).body)
      .toMatch(/probes_under_way 0\n[^]*ections 0\n/);
    expect((await world.send(TAG)).status).toBe(307);
  });

  it('too many is closed, and the next is taken when there is room', async () => {
    await start({ limits: { connections: 1 } });
    const first = connect(world.redirector.port, '127.0.0.1');
    await once(first, 'connect');
    first.write(`GET /v2/ HTTP/1.1\r\n${HOST}\r\n`);
    await once(first, 'data');

    expect(await sendRaw(world.redirector.port, LAST)).toBe('');

    first.destroy();
    await expect.poll(() => sendRaw(world.redirector.port, LAST)).toContain('HTTP/1.1 404');
  });

  it('that never sends its body is ended', async () => {
    await start({ limits: { requestTimeout: '100ms', headersTimeout: '100ms' } });

    const received = await sendRaw(world.redirector.port, `GET /v2/ HTTP/1.1\r\n${HOST}Content-Length: 9\r\n\r\n`);

    expect(received).toMatch(/^HTTP\/1.1 200 /);
  });
});

describe('a region that', () => {
  let odd: Server;
  afterEach(() => odd.close());

  /** Starts a region whose connections are answered by `listener`, and the redirector before it. */
  async function startOdd(listener: (socket: Socket) => void): Promise<string> {
    odd = createServer((socket) => listener(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(odd.address() as AddressInfo).port}`;
    await start({ regions: { west: { endpoint } } });
    return endpoint;
  }

  it('closes connections that it kept has not failed for that', async () => {
    await startOdd((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        socket.once('data', () => socket.destroy());
      });
    });

    for (let at = 0; at < 5; at += 1) expect((await world.send(`/v2/p/manifests/t${at}`)).status).toBe(307);

    const { body } = await world.readPage('/metrics');
    expect(body).toContain('probes_total{backend="west",answer="2xx"} 5\n');
    expect(body).not.toContain('answer="none"');
  });

  it('answers in another protocol has not answered, and keeps no client waiting', async () => {
    const switching = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n';
    const endpoint = await startOdd((socket) => socket.once('data', () => socket.end(switching)));

    expect((await world.send(TAG)).headers.location).toBe(endpoint + TAG);
    expect((await world.readPage('/metrics')).body).toContain('probes_total{backend="west",answer="none"} 1');
  });
});
