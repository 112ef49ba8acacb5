// SPDX-License-Identifier: Apache-2.0
import { MANIFEST_ACCEPT } from '@promograph/oci';
import { type Backend, type Check, probeOutcome, type ProbeOutcome, type Question } from '@promograph/redirect';
import { Agent, request } from 'undici';

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

const CONNECTIONS_PER_BACKEND = 64;
const KEEP_ALIVE_MS = 30_000;

/** Opens the client; answers to checks are not told. */
export function openHttpProbe(onAnswer: AnswerListener): HttpProbe {
  const agent = new Agent({ connections: CONNECTIONS_PER_BACKEND, keepAliveTimeout: KEEP_ALIVE_MS });
  const head = async (url: string, timeoutMs: number): Promise<number | null> => {
    try {
      const { statusCode, body } = await request(url, {
        method: 'HEAD',
        headers: { accept: `${MANIFEST_ACCEPT}, */*`, 'user-agent': 'promograph-redirector' },
        dispatcher: agent,
        signal: AbortSignal.timeout(timeoutMs),
      });
      await body.dump();
      return statusCode;
    } catch {
      // Whatever went wrong, the backend did not tell.
      return null;
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
    close: () => agent.destroy(),
  };
}
