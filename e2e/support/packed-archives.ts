// SPDX-License-Identifier: Apache-2.0
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const PACK_TIMEOUT_MS = 180_000;
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Packs what would be published and answers the archives: `promograph`, `@promograph/nx` and `@promograph/redirector`. */
export async function packArchives(): Promise<readonly string[]> {
  await execa(process.execPath, [join(root, 'tools/scripts/pack.ts')], { cwd: root, timeout: PACK_TIMEOUT_MS });
  const archives = globSync('dist/promograph*.tgz', { cwd: root }).map((file) => join(root, file));
  if (archives.length !== 3) throw new Error(`expected three archives, found ${archives.join(', ') || 'none'}`);
  return archives;
}
