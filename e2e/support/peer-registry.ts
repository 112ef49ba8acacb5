// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { requirePeer, type PeerProgram } from './peer-programs.ts';

/** A registry of another project, running as a process of its own on loopback. */
export interface PeerRegistry {
  readonly url: string;
  /** `127.0.0.1:port`. */
  readonly host: string;
  close(): Promise<void>;
}

const START_ATTEMPTS = 100;
const START_PAUSE_MS = 100;

/** Starts a CNCF distribution registry with file storage in a directory of its own. */
export async function startPeerRegistry(program: PeerProgram = 'docker-registry'): Promise<PeerRegistry> {
  const path = requirePeer(program);
  const dir = mkdtempSync(join(tmpdir(), 'promograph-peer-'));
  const port = await freePort();
  const config = join(dir, 'config.yml');
  writeFileSync(config, configuration(join(dir, 'data'), port));
  const child = spawn(path, ['serve', config], { stdio: 'ignore', env: { PATH: process.env['PATH'] } });
  const url = `http://127.0.0.1:${port}`;
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(dir, { recursive: true, force: true });
  };
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
    const answer = await fetch(`${url}/v2/`).catch(() => null);
    if (answer?.status === 200) return { url, host: `127.0.0.1:${port}`, close };
    await delay(START_PAUSE_MS);
  }
  await close();
  throw new Error(`${program} did not start`);
}

function configuration(storage: string, port: number): string {
  return [
    'version: 0.1',
    'log: { level: error, accesslog: { disabled: true } }',
    `storage: { filesystem: { rootdirectory: ${storage} }, delete: { enabled: true } }`,
    `http: { addr: 127.0.0.1:${port} }`,
    '',
  ].join('\n');
}
