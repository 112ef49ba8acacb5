// SPDX-License-Identifier: Apache-2.0
import type { IncomingHttpHeaders } from 'node:http';
import type { SigstoreService } from './sigstore-options.ts';

/** A request as a service sees it, its body read. */
export interface ServiceCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What a service answers; objects are sent as JSON. */
export interface ServiceAnswer {
  readonly status: number;
  readonly body: Buffer | string | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One method and path of one service; a path may be a pattern. */
export interface ServiceRoute {
  readonly service: SigstoreService;
  readonly method: 'GET' | 'POST';
  readonly path: string | RegExp;
  readonly answer: (call: ServiceCall) => ServiceAnswer;
}

/** The route of a call, or undefined. */
export function findRoute(
  routes: readonly ServiceRoute[],
  call: { readonly method: string; readonly path: string },
): ServiceRoute | undefined {
  return routes.find(({ method, path }) => {
    if (method !== call.method) return false;
    return typeof path === 'string' ? path === call.path : path.test(call.path);
  });
}

/** Text after `Bearer `; '' where there is none. */
export function bearerToken({ headers }: ServiceCall): string {
  return /^bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}
