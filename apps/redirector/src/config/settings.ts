// SPDX-License-Identifier: Apache-2.0
import { durationMs, makePolicy, type Policy, type RangeTable, type RedirectConfig } from '@promograph/redirect';

/** An address to listen on. */
export interface ListenAddress {
  /** Undefined listens everywhere. */
  readonly host: string | undefined;
  readonly port: number;
}

/** What a connection and a request may take. */
export interface ServerLimits {
  readonly headerBytes: number;
  readonly requestTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly connections: number;
  readonly drainMs: number;
}

/** Everything that a redirector runs by, with defaults. */
export interface Settings {
  readonly listen: ListenAddress;
  /** Null: no second port. */
  readonly metricsListen: ListenAddress | null;
  readonly limits: ServerLimits;
  /** Share of requests that are logged, 0 to 1. */
  readonly logSample: number;
  readonly policy: Policy;
  readonly ranges: RangeTable | null;
}

const DEFAULT_PORT = 8080;

/** Fills in defaults. `port` is what the platform wants to find the server on (`PORT`), unless the configuration says. */
export function makeSettings(config: RedirectConfig, ranges: RangeTable | null, port?: string): Settings {
  return {
    listen: parseListen(config.listen ?? `:${port ?? DEFAULT_PORT}`),
    metricsListen: config.metricsListen === undefined ? null : parseListen(config.metricsListen),
    limits: makeLimits(config.limits ?? {}),
    logSample: config.log?.sample ?? 1,
    policy: makePolicy(config),
    ranges,
  };
}

/** Reads `host:port` or `:port`; the form was checked. */
function parseListen(text: string): ListenAddress {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, colon).replace(/^\[|\]$/g, '');
  return { host: host === '' ? undefined : host, port: Number(text.slice(colon + 1)) };
}

function makeLimits(limits: NonNullable<RedirectConfig['limits']>): ServerLimits {
  return {
    headerBytes: limits.headerBytes ?? 16_384,
    requestTimeoutMs: durationMs(limits.requestTimeout ?? '10s'),
    headersTimeoutMs: durationMs(limits.headersTimeout ?? '2s'),
    idleTimeoutMs: durationMs(limits.idleTimeout ?? '75s'),
    connections: limits.connections ?? 10_000,
    drainMs: durationMs(limits.drain ?? '5s'),
  };
}
