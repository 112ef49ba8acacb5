// SPDX-License-Identifier: Apache-2.0
// The least that answers HEAD of a manifest; a process of its own, so that its time is not the client's. Prints its port;
// `GET /connections` answers how many connections there were. Ends with its standard input.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const HEADERS = {
  'content-type': 'application/vnd.oci.image.manifest.v1+json',
  'content-length': '700',
  'docker-content-digest': DIGEST,
};

let connections = 0;
const server = createServer((request, response) => {
  if (request.url === '/connections') return void response.end(String(connections));
  response.writeHead(200, HEADERS).end();
});
server.on('connection', () => (connections += 1));
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.stdin.resume().on('end', () => process.exit());
