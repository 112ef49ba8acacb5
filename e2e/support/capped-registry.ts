// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** One request as the server saw it. */
export interface Arrival {
  /** Milliseconds on the server's clock. */
  readonly atMs: number;
  readonly status: number;
  /** Name of the image that was asked for. */
  readonly who: string;
}

/** A registry that takes at most a number of requests in any second, and holds nothing. */
export interface CappedRegistry {
  readonly host: string;
  arrivals(): Promise<readonly Arrival[]>;
  close(): Promise<void>;
}

/** Starts one as a process of its own; requests are delayed by up to `jitterMs` before they count. */
export async function startCappedRegistry(perSecond: number, jitterMs: number): Promise<CappedRegistry> {
  const script = fileURLToPath(new URL('capping-server.ts', import.meta.url));
  const child = spawn(process.execPath, [script, String(perSecond), String(jitterMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
  const host = `127.0.0.1:${port}`;
  return {
    host,
    arrivals: async () => {
      const answer = await fetch(`http://${host}/records`);
      const records = (await answer.json()) as [number, number, string][];
      return records.map(([atMs, status, who]) => ({ atMs, status, who }));
    },
    close: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
