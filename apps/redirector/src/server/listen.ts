// SPDX-License-Identifier: Apache-2.0
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorMessage } from '@promograph/errors';
import type { ListenAddress, ServerLimits } from '../config/settings.ts';
import { RedirectorError } from '../redirector-error.ts';

/** Connections are looked at that often for what took too long. */
const CONNECTIONS_CHECKED_EVERY_MS = 1000;

/** Opens an HTTP/1.1 server with limits. Error: `REDIRECTOR_CANNOT_LISTEN`. */
export async function listen(address: ListenAddress, limits: ServerLimits, listener: RequestListener): Promise<Server> {
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      requestTimeout: limits.requestTimeoutMs,
      headersTimeout: limits.headersTimeoutMs,
      // One timer for each connection, below, instead of two that are set anew for each request.
      keepAliveTimeout: 0,
      connectionsCheckingInterval: CONNECTIONS_CHECKED_EVERY_MS,
      noDelay: true,
      // Requests have no bodies, and a stream for none is much of what Node spends on one (from 24.12; earlier ones ignore it).
      optimizeEmptyRequests: true,
    },
    listener,
  );
  server.maxConnections = limits.connections;
  server.timeout = limits.idleTimeoutMs;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const where = `${address.host ?? ''}:${address.port}`;
      reject(
        new RedirectorError('REDIRECTOR_CANNOT_LISTEN', `cannot listen on ${where}: ${errorMessage(cause)}`, { cause }),
      );
    });
    server.listen(address.port, address.host, resolve);
  });
  return server;
}

/** The port that a listening server got. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Takes no new connection, lets requests under way end, and cuts what is left after `drainMs`. */
export async function drain(server: Server, drainMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearTimeout(cut);
}
