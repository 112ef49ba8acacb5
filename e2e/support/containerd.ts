// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { requirePeer } from './peer-programs.ts';
import type { PeerRun } from './redirector-lab.ts';

/** A containerd that stores content and runs nothing. Needs root, as every containerd does. */
export interface Containerd {
  /** Runs `ctr` with these arguments; the exit code is that of `ctr`. */
  ctr(...args: readonly string[]): Promise<PeerRun>;
  close(): Promise<void>;
}

const LIMIT_MS = 60_000;
const TRY_EVERY_MS = 100;
/** What would want a kernel or a network that a test does not have. */
const DISABLED = [
  'io.containerd.grpc.v1.cri',
  'io.containerd.internal.v1.opt',
  ...['aufs', 'btrfs', 'devmapper', 'zfs'].map((name) => `io.containerd.snapshotter.v1.${name}`),
];

/** Starts containerd below `dir`, and waits until it answers. */
export async function startContainerd(dir: string): Promise<Containerd> {
  const [root, state, socket] = [join(dir, 'root'), join(dir, 'state'), join(dir, 'containerd.sock')];
  mkdirSync(dir, { recursive: true });
  const lines = [
    'version = 2',
    `root = "${root}"`,
    `state = "${state}"`,
    `disabled_plugins = ${JSON.stringify(DISABLED)}`,
    `[grpc]\n  address = "${socket}"`,
    `[ttrpc]\n  address = "${join(dir, 'ttrpc.sock')}"`,
  ];
  writeFileSync(join(dir, 'config.toml'), lines.join('\n'));
  const daemon = execa(requirePeer('containerd'), ['--config', join(dir, 'config.toml')], { reject: false });
  let hasEnded = false;
  void daemon.finally(() => (hasEnded = true));
  const options = { reject: false, timeout: LIMIT_MS } as const;
  const ctr: Containerd['ctr'] = async (...args) => {
    const { exitCode = -1, stdout, stderr } = await execa(requirePeer('ctr'), ['--address', socket, ...args], options);
    return { exitCode, stdout, stderr };
  };
  const close = async (): Promise<void> => {
    daemon.kill();
    await daemon;
  };
  const endsAtMs = performance.now() + LIMIT_MS;
  while ((await ctr('version')).exitCode !== 0) {
    if (hasEnded || performance.now() > endsAtMs) {
      await close();
      throw new Error(`containerd did not start: ${(await daemon).stderr}`);
    }
    await setTimeout(TRY_EVERY_MS);
  }
  return { ctr, close };
}
