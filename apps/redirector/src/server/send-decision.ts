// SPDX-License-Identifier: Apache-2.0
import type { ServerResponse } from 'node:http';
import type { FinalDecision } from '@promograph/redirect';

const VERSION_HEADERS = ['Docker-Distribution-Api-Version', 'registry/2.0'];

/** Messages by code of the distribution specification; `DENIED` stands for what was taken down. */
const MESSAGES: Readonly<Record<string, string>> = {
  UNSUPPORTED: 'only GET and HEAD are answered here',
  NOT_FOUND: 'not found',
  NAME_UNKNOWN: 'not a valid repository name',
  DIGEST_INVALID: 'not a valid digest',
  DENIED: 'unavailable for legal reasons',
};

/** Writes what was decided; bodies are those of the distribution specification. */
export function sendDecision(response: ServerResponse, decision: FinalDecision, cacheControl: string): number {
  if (decision.kind === 'redirect') {
    const headers = ['Location', decision.location, 'Cache-Control', cacheControl, 'Content-Length', '0'];
    response.writeHead(307, headers).end();
    return 307;
  }
  const { status, code } = decision;
  const message = MESSAGES[code] ?? code;
  const body = status === 200 ? '{}' : JSON.stringify({ errors: [{ code, message }] });
  const allow = status === 405 ? ['Allow', 'GET, HEAD'] : [];
  const type = ['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(body))];
  response.writeHead(status, [...VERSION_HEADERS, 'Cache-Control', 'no-store', ...allow, ...type]);
  // Node leaves the body of an answer to HEAD out by itself.
  response.end(body);
  return status;
}
