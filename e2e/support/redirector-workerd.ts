// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { bundleWorker } from '../../tools/scripts/pack/build-redirector-package.ts';
import { requirePeer } from './peer-programs.ts';

/** The published worker in a real edge runtime. */
export interface RunningWorker {
  readonly url: string;
  /** `127.0.0.1:port`. */
  readonly host: string;
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Bundles the worker as it is published and starts it in workerd with this configuration. */
export async function startWorker(config: object): Promise<RunningWorker> {
  const dir = mkdtempSync(join(tmpdir(), 'promograph-workerd-'));
  await bundleWorker(root, join(dir, 'worker.js'));
  writeFileSync(join(dir, 'config.json'), JSON.stringify(config));
  writeFileSync(join(dir, 'workerd.capnp'), CONFIGURATION);
  const args = ['serve', join(dir, 'workerd.capnp'), '--control-fd=3'];
  const child = spawn(requirePeer('workerd'), args, { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
  const ended = once(child, 'exit');
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  const control = createInterface(child.stdio[3] as Readable);
  const line = await Promise.race([once(control, 'line'), ended.then(() => null)]);
  const port = line === null ? undefined : (JSON.parse(String(line[0])) as { readonly port?: number }).port;
  if (port === undefined) {
    await close();
    throw new Error('workerd did not start');
  }
  return { url: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, close };
}

/** No compatibility flag: the worker needs nothing of Node. The registries of the tests are on loopback. */
const CONFIGURATION = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .door),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const door :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01",
  bindings = [(name = "PROMOGRAPH_REDIRECTOR_CONFIG", text = embed "config.json")],
  globalOutbound = "internet",
);
`;
