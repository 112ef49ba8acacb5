// SPDX-License-Identifier: Apache-2.0
import { hasErrors, printPosition, readConfig } from '@promograph/manifest';
import type { SnapshotModel } from '@promograph/report';
import { resolve } from 'node:path';
import { findTree } from './find-tree.ts';
import { PromoterError } from './promoter-error.ts';
import type { SessionOptions } from './session.ts';
import type { SnapshotRequest } from './snapshot-registry.ts';

/**
 * Lists a registry as `snapshotRegistry` does, with the client that a session would have: no tree is needed, but the
 * configuration of one that is there applies. Errors: those of `snapshotRegistry`, `PROMOTER_INVALID_INPUT`.
 */
export async function listRegistry(options: SessionOptions, request: SnapshotRequest): Promise<SnapshotModel> {
  const root = rootFor(options);
  const configFile = options.configFile === undefined ? undefined : resolve(options.cwd, options.configFile);
  const { config, findings } = await readConfig(root, configFile);
  const [first] = findings;
  if (first !== undefined && hasErrors(findings)) {
    throw new PromoterError('PROMOTER_INVALID_INPUT', `${printPosition(first.at)}: ${first.message}`, {
      hint: first.hint,
    });
  }
  // Imported when first needed: most processes that load this room have a tree, and many of those need no HTTP client.
  const [{ openPorts }, { snapshotRegistry }] = await Promise.all([
    import('./open-ports.ts'),
    import('./snapshot-registry.ts'),
  ]);
  const ports = openPorts({
    root,
    stateDir: options.stateDir === undefined ? resolve(root, '.promo') : resolve(options.cwd, options.stateDir),
    configFile,
    config,
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

/** The tree's root where there is one, else the current directory. */
function rootFor({ cwd, treeDir }: SessionOptions): string {
  try {
    return findTree(cwd, treeDir);
  } catch (error) {
    if (treeDir === undefined && error instanceof PromoterError && error.code === 'PROMOTER_NO_TREE')
      return resolve(cwd);
    throw error;
  }
}
