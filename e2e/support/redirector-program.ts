// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The redirector as a process of its own, configured by a file. */
export interface RedirectorProgram {
  readonly url: string;
  /** `127.0.0.1:port`: the registry host of image names. */
  readonly host: string;
  readonly metricsUrl: string;
  /** What it said on stderr so far. */
  readonly messages: () => string;
  /** Replaces the configuration file; a SIGHUP makes it count. */
  readonly configure: (config: object) => void;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Exit code, once it ended. */
  readonly ended: Promise<number | null>;
  close(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('../../apps/redirector/bin/promograph-redirector.js', import.meta.url));
const START_LIMIT_MS = 30_000;

/** Starts `promograph-redirector --config FILE` on free ports, and waits until it listens. */
export async function startRedirectorProgram(config: object): Promise<RedirectorProgram> {
  const dir = mkdtempSync(join(tmpdir(), 'promograph-redirector-'));
  // YAML takes JSON as it is.
  const configure = (value: object): void => {
    const listening = { listen: '127.0.0.1:0', metricsListen: '127.0.0.1:0', ...value };
    writeFileSync(join(dir, 'redirector.yaml'), JSON.stringify(listening, null, 2));
  };
  configure(config);
  const env = { PATH: process.env['PATH'] };
  const args = [PROGRAM, '--config', join(dir, 'redirector.yaml')];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit').then(() => child.exitCode);
  let messages = '';
  const ports = await new Promise<RegExpExecArray>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the redirector did not start: ${messages}`)), START_LIMIT_MS);
    child.stderr.on('data', (chunk: Buffer) => {
      messages += chunk.toString();
      const found = /listening on port (\d+), metrics on port (\d+)/.exec(messages);
      if (found === null) return;
      clearTimeout(late);
      resolve(found);
    });
    void ended.then(() => reject(new Error(`the redirector ended: ${messages}`)));
  });
  const host = `127.0.0.1:${ports[1]}`;
  return {
    url: `http://${host}`,
    host,
    metricsUrl: `http://127.0.0.1:${ports[2]}`,
    messages: () => messages,
    configure,
    signal: (name) => void child.kill(name),
    ended,
    close: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
