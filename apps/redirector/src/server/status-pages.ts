// SPDX-License-Identifier: Apache-2.0
import type { ServerResponse } from 'node:http';
import type { RunningState } from './running-state.ts';

/**
 * Answers `/healthz` (the process works) and `/readyz` (the first checks are done, some registry is healthy, and no stop was
 * asked for). False for any other path.
 */
export function answerStatusPage(path: string, response: ServerResponse, state: RunningState): boolean {
  if (path !== '/healthz' && path !== '/readyz') return false;
  if (state.isDraining) response.setHeader('connection', 'close');
  sendText(response, path === '/healthz' ? { status: 200, text: 'ok\n' } : readiness(state));
  return true;
}

function readiness({ door, isDraining }: RunningState): TextPage {
  if (isDraining) return { status: 503, text: 'stopping\n' };
  if (!door.health.isSettled) return { status: 503, text: 'first checks are under way\n' };
  if (!door.isReady) return { status: 503, text: 'no registry is healthy\n' };
  return { status: 200, text: 'ok\n' };
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
