// SPDX-License-Identifier: Apache-2.0
import type { Socket } from 'node:net';

/** Ends a connection the hard way: a TCP reset where the socket can, which TLS sockets cannot. */
export function resetConnection(socket: Socket): void {
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}
