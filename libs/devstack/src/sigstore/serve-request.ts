// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorMessage } from '@promograph/errors';
import { resetConnection } from '../registry/reset-connection.ts';
import { ServiceRefusal } from './service-refusal.ts';
import { findRoute, type ServiceAnswer, type ServiceCall, type ServiceRoute } from './service-route.ts';
import type { SigstoreFault, SigstoreFaultHook } from './sigstore-fault.ts';
import type { SigstoreLatency, SigstoreService } from './sigstore-options.ts';

/** What every request meets. */
export interface SigstoreGate {
  routes: readonly ServiceRoute[];
  readonly latency: SigstoreLatency;
  faultHook: SigstoreFaultHook | undefined;
  sequence: number;
  readonly requests: Record<SigstoreService, number>;
}

const LATENCY: Readonly<Record<SigstoreService, keyof SigstoreLatency | null>> = {
  oidc: 'oidcMs',
  fulcio: 'fulcioMs',
  rekorV1: 'rekorV1Ms',
  rekorV2: 'rekorV2Ms',
  tsa: 'tsaMs',
  tuf: null,
};

/** Answers one request; never throws. */
export async function serveRequest(
  gate: SigstoreGate,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const { method = 'GET', headers } = request;
    const call = { method, headers, path: url.pathname, query: url.searchParams, body: await buffer(request) };
    const route = findRoute(gate.routes, call);
    if (route === undefined) send(response, notFound(call));
    else await serve({ gate, route, call, response });
  } catch {
    // The client has gone: there is no one to answer.
    response.destroy();
  }
}

interface Exchange {
  readonly gate: SigstoreGate;
  readonly route: ServiceRoute;
  readonly call: ServiceCall;
  readonly response: ServerResponse;
}

async function serve({ gate, route, call, response }: Exchange): Promise<void> {
  const { service } = route;
  gate.sequence += 1;
  gate.requests[service] += 1;
  const { method, path, body } = call;
  const fault = await gate.faultHook?.({ sequence: gate.sequence, service, method, path, body });
  const latency = LATENCY[service];
  const waitMs = (fault?.kind === 'delay' ? fault.ms : 0) + (latency === null ? 0 : (gate.latency[latency] ?? 0));
  if (waitMs > 0) await sleep(waitMs, undefined, { ref: false });
  if (fault?.kind === 'hang') return;
  if (fault?.kind === 'reset') {
    resetConnection(response.req.socket);
    return;
  }
  const answer = fault?.kind === 'status' ? { body: '', ...fault } : answerOf(route, call);
  if (fault?.kind === 'drop-response') resetConnection(response.req.socket);
  else send(response, answer, fault);
}

function answerOf(route: ServiceRoute, call: ServiceCall): ServiceAnswer {
  try {
    return route.answer(call);
  } catch (error) {
    const status = error instanceof ServiceRefusal ? error.status : 500;
    const headers = error instanceof ServiceRefusal ? error.headers : {};
    return { status, headers, body: { code: status, message: errorMessage(error) } };
  }
}

function send(response: ServerResponse, answer: ServiceAnswer, fault?: SigstoreFault): void {
  const { status, body, headers } = answer;
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  const content = Buffer.from(isRaw ? body : JSON.stringify(body));
  const sent = fault?.kind === 'rewrite' ? Buffer.from(fault.rewrite(content)) : content;
  const type = typeof body === 'string' ? 'text/plain' : 'application/json';
  response.writeHead(status, { 'content-type': type, 'content-length': sent.length, ...headers });
  response.end(sent);
}

function notFound({ method, path }: ServiceCall): ServiceAnswer {
  return { status: 404, body: { code: 404, message: `no route for ${method} ${path}` } };
}
