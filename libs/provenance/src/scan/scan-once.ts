// SPDX-License-Identifier: Apache-2.0
import { type Digest, printRepository } from '@promograph/oci';
import pLimit from 'p-limit';
import type { ScanFindings, Scanner } from './scanner.ts';

/** Images asked for at once, unless told otherwise; the limiter paces the requests. */
const CONCURRENCY = 20;

/** A scanner that is asked for each digest of a repository once, and for so many at once. A failure is asked again. */
export function scanOnce(scanner: Scanner, concurrency: number = CONCURRENCY): Scanner {
  const limit = pLimit(concurrency);
  const asked = new Map<string, Promise<ScanFindings>>();
  return {
    findings: (repository, digest: Digest, signal) => {
      const key = `${printRepository(repository)}@${digest}`;
      const known = asked.get(key);
      if (known !== undefined) return known;
      const answer = limit(() => scanner.findings(repository, digest, signal));
      asked.set(key, answer);
      answer.catch(() => asked.delete(key));
      return answer;
    },
  };
}
