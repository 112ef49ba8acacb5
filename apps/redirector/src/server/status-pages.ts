// SPDX-License-Identifier: Apache-2.0
import type { ServerResponse } from 'node:http';
import type { RunningState } from './running-state.ts';

/**
 * Answers `/healthz` (the process works) and `/readyz` (the first checks are done, some registry is healthy, and no stop was
 * asked for). False for any other path.
 */
export function answerStatusPage(path: string, response: ServerResponse, state: RunningState): boolean {
  if (path === '/healthz') {
    sendText(response, { status: 200, text: 'ok\n' });
    return true;
  }
  if (path !== '/readyz') return false;
  const { door, isDraining } = state;
  if (isDraining) sendText(response, { status: 503, text: 'stopping\n' });
  else if (!door.health.isSettled) sendText(response, { status: 503, text: 'first checks are under way\n' });
  else if (!door.isReady) sendText(response, { status: 503, text: 'no registry is healthy\n' });
  else sendText(response, { status: 200, text: 'ok\n' });
  return true;
}

/** A short page of text that nobody keeps. */
export interface TextPage {
  readonly status: number;
  readonly text: string;
  /** Default text/plain. */
  readonly type?: string;
}

export function sendText(response: ServerResponse, { status, text, type = 'text/plain' }: TextPage): void {
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' }).end(text);
}
