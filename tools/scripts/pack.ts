// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { buildCliPackage } from './pack/build-cli-package.ts';
import { buildNxPackage } from './pack/build-nx-package.ts';
import { buildRedirectorPackage } from './pack/build-redirector-package.ts';
import { readPackageJson } from './pack/workspace-package.ts';

const PACK_TIMEOUT_MS = 60_000;

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = join(root, 'dist');

// The outputs alone are removed: other directories of dist belong to others.
mkdirSync(dist, { recursive: true });
for (const [name, build] of [
  ['promograph', buildCliPackage],
  ['nx', buildNxPackage],
  ['redirector', buildRedirectorPackage],
] as const) {
  const target = join(dist, name);
  rmSync(target, { recursive: true, force: true });
  await build(root, target);
  process.stdout.write(`dist/${packFolder(target)}\n`);
}

/** Packs a folder with npm and answers the archive's name, which npm makes of package name and version. */
function packFolder(folder: string): string {
  const text = execFileSync('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', dist], {
    cwd: folder,
    timeout: PACK_TIMEOUT_MS,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { name, version } = readPackageJson(join(folder, 'package.json'));
  const archive = `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`;
  if (!text.includes(archive)) throw new Error(`npm pack made no ${archive}: ${text}`);
  return archive;
}
