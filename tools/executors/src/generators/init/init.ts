// SPDX-License-Identifier: Apache-2.0
import devkit from '@nx/devkit';
import type { Tree } from '@nx/devkit';
import { PLUGIN_NAME } from '../../engine.ts';

/** Options of the generator `init`. */
export interface InitOptions {
  readonly skipFormat?: boolean;
}

/** The bare name fails for a plugin that lies in the workspace itself; the subpath resolves everywhere. */
const PLUGIN_PATH = `${PLUGIN_NAME}/plugin`;
const STATE_DIR = '.promo';

/** Registers the plugin in `nx.json` and keeps the state directory out of git. Running it again changes nothing. */
export async function initGenerator(tree: Tree, options: InitOptions = {}): Promise<void> {
  const nxJson = devkit.readNxJson(tree) ?? {};
  const registered = (nxJson.plugins ?? []).map((entry) => (typeof entry === 'string' ? entry : entry.plugin));
  if (!registered.includes(PLUGIN_PATH) && !registered.includes(PLUGIN_NAME)) {
    const entry = { plugin: PLUGIN_PATH, options: {} };
    devkit.updateNxJson(tree, { ...nxJson, plugins: [...(nxJson.plugins ?? []), entry] });
  }
  ignoreStateDir(tree);
  if (options.skipFormat !== true) await devkit.formatFiles(tree);
}

function ignoreStateDir(tree: Tree): void {
  const text = tree.exists('.gitignore') ? (tree.read('.gitignore', 'utf8') ?? '') : '';
  const isIgnored = text.split(/\r?\n/).some((line) => /^(\*\*)?\/?\.promo\/?$/.test(line.trim()));
  if (isIgnored) return;
  const separator = text === '' || text.endsWith('\n') ? '' : '\n';
  tree.write('.gitignore', `${text}${separator}${STATE_DIR}/\n`);
}
