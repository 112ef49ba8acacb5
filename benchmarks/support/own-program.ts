// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildCliPackage } from '../../tools/scripts/pack/build-cli-package.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The command as it runs in the repository: source, types stripped at each start. */
export const SOURCE_PROGRAM: string = join(root, 'apps/cli/bin/promograph.js');

/** The command as users get it, built below `dist` so that it finds its dependencies. */
export interface BuiltProgram {
  readonly path: string;
  remove(): void;
}

/** Builds what would be published, in a directory of its own: a build that runs beside it takes nothing away. */
export async function buildProgram(): Promise<BuiltProgram> {
  const dist = join(root, 'dist');
  mkdirSync(dist, { recursive: true });
  const dir = mkdtempSync(join(dist, 'benchmark-'));
  await buildCliPackage(root, dir);
  return { path: join(dir, 'bin/promograph.js'), remove: () => rmSync(dir, { recursive: true, force: true }) };
}
