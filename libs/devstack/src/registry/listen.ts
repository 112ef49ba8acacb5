// SPDX-License-Identifier: Apache-2.0
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DevstackError } from '../devstack-error.ts';

/** Listens and answers the port. Error: `DEVSTACK_PORT_TAKEN` when another program has it. */
export function listen(server: Server, where: { port: number; host: string }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(cause.code === 'EADDRINUSE' ? portTaken(where.port, cause) : cause);
    });
    server.listen(where.port, where.host, () => resolve((server.address() as AddressInfo).port));
  });
}

function portTaken(port: number, cause: Error): DevstackError {
  return new DevstackError('DEVSTACK_PORT_TAKEN', `port ${port} is taken by another program`, {
    cause,
    hint: 'End that program or choose another port.',
  });
}

/** Ends a server and all its connections at once. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
