// SPDX-License-Identifier: Apache-2.0
// A registry of nothing that counts: a process of its own, so that its clock is nobody else's. It takes at most CAP requests in
// any second and answers those above with 429. Requests are stamped after a random delay, as a network would deliver them.
// Usage: node capping-server.ts CAP JITTER_MS. Prints its port; ends with its standard input.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const [cap = 0, jitterMs = 0] = process.argv.slice(2).map(Number);
const LATENCY_MS = 10;
const WINDOW_MS = 1000;
/** Time of arrival, status, and who asked (the second component of the repository). */
const records: [atMs: number, status: number, who: string][] = [];
const admitted: number[] = [];

const server = createServer({ noDelay: true, keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume();
  if (request.url === '/records') return void response.end(JSON.stringify(records));
  setTimeout(() => answer(request.url ?? '', response), Math.random() * jitterMs);
});

function answer(url: string, response: ServerResponse): void {
  const now = performance.now();
  while ((admitted[0] ?? now) <= now - WINDOW_MS) admitted.shift();
  const isOver = admitted.length >= cap;
  const status = isOver ? 429 : 404;
  if (!isOver) admitted.push(now);
  records.push([now, status, url.split('/')[3] ?? '']);
  setTimeout(() => response.writeHead(status, isOver ? { 'retry-after': '1' } : {}).end(), LATENCY_MS);
}

server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.stdin.resume().on('end', () => process.exit());
