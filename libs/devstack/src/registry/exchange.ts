// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from './fault.ts';
import type { Route } from './parse-route.ts';
import type { RegistryAction } from './registry-options.ts';
import type { OpenRecord } from './request-log.ts';

/** One request on its way through the registry. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly query: URLSearchParams;
  readonly route: Route;
  readonly record: OpenRecord;
  /** What goes wrong with it. */
  fault: Fault | undefined;
  /** Whether the caller may do this; true everywhere on a registry without authentication. */
  may: (repository: string, action: RegistryAction) => boolean;
  /** Whether `_catalog` shows this repository to the caller. */
  sees: (repository: string) => boolean;
}
