// SPDX-License-Identifier: Apache-2.0
import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { MANIFEST_ACCEPT } from '@promograph/oci';
import { type Backend, type Check, probeOutcome, type ProbeOutcome, type Question } from '@promograph/redirect';

/** What asks registries; connections of its own, apart from everything that clients use. */
export interface HttpProbe {
  /** Asks whether a backend has something. Never throws. */
  probe(question: Question, timeoutMs: number): Promise<ProbeOutcome>;
  /** Status of a check's address, null when nothing came in time. Never throws. */
  check(check: Check, timeoutMs: number): Promise<number | null>;
  close(): Promise<void>;
}

/** Is told of every answer to a question; a status of null is none in time. */
export type AnswerListener = (backend: Backend, status: number | null, tookMs: number) => void;

const CONNECTIONS = { keepAlive: true, maxSockets: 64 };
const HEADERS = { accept: `${MANIFEST_ACCEPT}, */*`, 'user-agent': 'promograph-redirector' };

/** Opens the client, of Node's own modules, which take less memory than others; answers to checks are not told. */
export function openHttpProbe(onAnswer: AnswerListener): HttpProbe {
  const agents = { http: new HttpAgent(CONNECTIONS), https: new HttpsAgent(CONNECTIONS) };
  const headOnce = (url: string, signal: AbortSignal): Promise<number | 'reset' | null> =>
    new Promise((resolve) => {
      const options = { method: 'HEAD', headers: HEADERS, signal };
      const sent = url.startsWith('https:')
        ? requestHttps(url, { ...options, agent: agents.https })
        : requestHttp(url, { ...options, agent: agents.http });
      sent.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? null);
      });
      // A kept connection may have been closed at the other end just now; that tells nothing of the backend.
      sent.on('error', () => resolve(sent.reusedSocket && !signal.aborted ? 'reset' : null));
      // Node ends a request that is answered with 101 without a response and without an error.
      sent.on('close', () => resolve(null)).end();
    });
  const head = async (url: string, timeoutMs: number): Promise<number | null> => {
    const signal = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const status = await headOnce(url, signal);
      if (status !== 'reset') return status;
    }
  };
  return {
    probe: async ({ backend, url }, timeoutMs) => {
      const startedAtMs = performance.now();
      const status = await head(url, timeoutMs);
      onAnswer(backend, status, performance.now() - startedAtMs);
      return probeOutcome(status);
    },
    check: ({ url }, timeoutMs) => head(url, timeoutMs),
    close: async () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}
