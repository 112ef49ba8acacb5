// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { CONFIG_FILE, readConfig } from '@promograph/manifest';
import type { SnapshotModel } from '@promograph/report';
import { existsSync } from 'node:fs';
import { openPorts } from './open-ports.ts';
import type { SessionOptions } from './session.ts';
import { snapshotRegistry, type SnapshotRequest } from './snapshot-registry.ts';

/**
 * What a registry holds, without any tree: of the session's options only configuration, environment and events count.
 * Without `configFile`, a `promograph.yaml` in the working directory (or `treeDir`) is used when it is there.
 */
export async function readRegistrySnapshot(options: SessionOptions, request: SnapshotRequest): Promise<SnapshotModel> {
  const root = resolve(options.cwd, options.treeDir ?? '.');
  const configFile = options.configFile === undefined ? undefined : resolve(options.cwd, options.configFile);
  const ports = openPorts({
    root,
    stateDir: resolve(options.cwd, options.stateDir ?? '.promo'),
    configFile: configFile ?? (existsSync(resolve(root, CONFIG_FILE)) ? resolve(root, CONFIG_FILE) : undefined),
    config: (await readConfig(root, configFile)).config,
    env: options.env,
    homeDir: options.homeDir,
    onEvent: options.onEvent ?? (() => {}),
  });
  try {
    return await snapshotRegistry(ports.client, request);
  } finally {
    await ports.close();
  }
}
