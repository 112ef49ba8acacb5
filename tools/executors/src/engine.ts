// SPDX-License-Identifier: Apache-2.0
import packageJson from '../package.json' with { type: 'json' };

/** Package name of the plugin, as `nx.json` and executor names spell it. */
export const PLUGIN_NAME = '@promograph/nx';

/** Stands in the options of every target: Nx hashes options, so another version never reuses this one's results. */
export const ENGINE: string = `${PLUGIN_NAME}@${packageJson.version}`;

/** Whether the plugin runs from its own repository: sources, not what was published. */
export const IS_FROM_SOURCE: boolean = import.meta.url.endsWith('.ts');

/**
 * Workspace packages that the executors run on. When they run from source these are inputs of every target, since no
 * version changes while they are edited.
 */
export const SOURCE_PACKAGES: readonly string[] = [
  PLUGIN_NAME,
  '@promograph/errors',
  '@promograph/limiter',
  '@promograph/manifest',
  '@promograph/oci',
  '@promograph/plan',
  '@promograph/promoter',
  '@promograph/provenance',
  '@promograph/registry',
  '@promograph/report',
  '@promograph/signing',
];
