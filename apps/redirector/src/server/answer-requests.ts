// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { clientAddress, clientNetwork, type FinalDecision, type FrontRequest, placeClient } from '@promograph/redirect';
import type { Metrics } from './metrics.ts';
import type { RequestLog } from './request-log.ts';
import type { RunningState } from './running-state.ts';
import { sendDecision } from './send-decision.ts';
import { answerStatusPage } from './status-pages.ts';

/** What requests are answered with. */
export interface AnswerOptions {
  /** Replaced as a whole when the configuration is read again. */
  readonly state: RunningState;
  readonly metrics: Metrics;
  readonly log: RequestLog;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly front: FrontRequest;
  readonly client: string;
  /** Null for a request that is not logged. */
  readonly startedAtMs: number | null;
}

/** Answers clients: health pages, and everything else by decision. */
export function answerRequests(options: AnswerOptions): RequestListener {
  return (request, response) => {
    const url = originForm(request.url ?? '');
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    if (answerStatusPage(path, response, options.state)) return;
    const startedAtMs = options.log.takesNext() ? performance.now() : null;
    const { door, ranges } = options.state;
    const { placement } = door.policy;
    // Node makes its object of headers when it is first looked at: where nothing is believed, nothing is read.
    const forwardedFor = placement.trustedHops === 0 ? undefined : headerOf(request, 'x-forwarded-for');
    const client = clientAddress(request.socket.remoteAddress, forwardedFor, placement.trustedHops);
    const header = placement.header === null ? undefined : headerOf(request, placement.header);
    const { region, label } = placeClient({ address: client, header }, placement, ranges);
    const query = mark < 0 ? '' : url.slice(mark + 1);
    const front = { method: request.method ?? '', path, query, region, label };
    const exchange = { request, response, front, client, startedAtMs };
    const decided = door.handle(front, () => clientNetwork(client));
    if (!(decided instanceof Promise)) return finish(exchange, decided, options);
    decided.then(
      (decision) => finish(exchange, decision, options),
      () => response.destroy(),
    );
  };
}

function finish(exchange: Exchange, decision: FinalDecision, { state, metrics, log }: AnswerOptions): void {
  const { request, response, front, client, startedAtMs } = exchange;
  // Else clients would go on using connections that are cut when the time for draining is over.
  if (state.isDraining) response.setHeader('Connection', 'close');
  const status = sendDecision(response, decision, state.door.policy.cacheControl);
  metrics.countRequest(decision, front.region);
  if (startedAtMs === null) return;
  log.add({
    method: front.method,
    path: request.url ?? '',
    status,
    form: decision.form,
    region: front.region,
    backend: decision.kind === 'redirect' ? (decision.backend?.name ?? '') : '',
    reason: decision.reason,
    client,
    tookMs: performance.now() - startedAtMs,
  });
}

const SLASH = 0x2f;

/** Path and query of a target that names scheme and host too, as every server must take it (RFC 9112, 3.2.2). */
function originForm(target: string): string {
  return target.charCodeAt(0) === SLASH ? target : target.replace(/^https?:\/\/[^/?#]*/i, '');
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
