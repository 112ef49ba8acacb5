// SPDX-License-Identifier: Apache-2.0
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyNxWorkspace, type NxWorkspace } from '../../e2e/support/fresh-nx-workspace.ts';

const PLUGIN = fileURLToPath(new URL('floor-plugin', import.meta.url));

/**
 * A copy of the workspace whose tasks do nothing: the same Nx, projects, targets, inputs and batches. What a run costs there
 * is Nx's own share of the real one.
 */
export function copyAsFloor(workspace: NxWorkspace): NxWorkspace {
  const floor = copyNxWorkspace(workspace);
  cpSync(PLUGIN, join(floor.dir, 'node_modules', 'nx-floor'), { recursive: true });
  floor.write(
    'nx.json',
    readFileSync(join(floor.dir, 'nx.json'), 'utf8').replace('@promograph/nx/plugin', 'nx-floor/plugin'),
  );
  return floor;
}
