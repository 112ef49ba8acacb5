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
const STATE_DIR = '.promo/';
/** What Nx keeps of its runs; `nx init` ignores it, and a workspace that was begun without it has not. */
const NX_DIR = '.nx/';

/** Settings that do nothing until somebody takes the marks away: there is no default identity. */
const CONFIG_FILE = 'promograph.yaml';
const CONFIG_TEXT = `apiVersion: promograph/v1

# Who signs what is promoted, and under which name users pull it. All keys: npx promograph schema promograph
# signing:
#   identity: { subject: release@example.org, issuer: https://accounts.example.org }
#   token: github # github | env | file | metadata | impersonate
#   canonical: registry.example.org/prod
#   references: [{ contains: prod/images, to: images.example.org }]
# attest: { summaries: off }

# Whose signatures count on what is promoted.
# staging:
#   signatures: if-present # off | if-present | require
#   identities: [{ subject: builder@example.org, issuer: https://accounts.example.org }]
`;

/**
 * Registers the plugin in `nx.json` (made where there is none), keeps the state directory out of git and writes a
 * `promograph.yaml` whose sections are commented out. Running it again changes nothing.
 */
export async function initGenerator(tree: Tree, options: InitOptions = {}): Promise<void> {
  // Updating an nx.json that is not there does nothing, silently: in a new repository there is none yet.
  const isNew = !tree.exists('nx.json');
  if (isNew) devkit.writeJson(tree, 'nx.json', {});
  const nxJson = devkit.readNxJson(tree) ?? {};
  const registered = (nxJson.plugins ?? []).map((entry) => (typeof entry === 'string' ? entry : entry.plugin));
  if (!registered.includes(PLUGIN_PATH) && !registered.includes(PLUGIN_NAME)) {
    const entry = { plugin: PLUGIN_PATH, options: {} };
    devkit.updateNxJson(tree, { ...nxJson, plugins: [...(nxJson.plugins ?? []), entry] });
  }
  ignore(tree, STATE_DIR, /^(\*\*)?\/?\.promo\/?$/);
  if (isNew) ignore(tree, NX_DIR, /^(\*\*)?\/?\.nx(\/|$)/);
  if (!tree.exists(CONFIG_FILE)) tree.write(CONFIG_FILE, CONFIG_TEXT);
  if (options.skipFormat !== true) await devkit.formatFiles(tree);
}

/** Adds the line to `.gitignore`, unless a line there is like it. */
function ignore(tree: Tree, line: string, like: RegExp): void {
  const text = tree.exists('.gitignore') ? (tree.read('.gitignore', 'utf8') ?? '') : '';
  if (text.split(/\r?\n/).some((present) => like.test(present.trim()))) return;
  const separator = text === '' || text.endsWith('\n') ? '' : '\n';
  tree.write('.gitignore', `${text}${separator}${line}\n`);
}
