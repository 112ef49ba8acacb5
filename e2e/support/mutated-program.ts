// SPDX-License-Identifier: Apache-2.0
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One guard taken out: `before` must stand exactly once in `file`. */
export interface Mutation {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** A copy of the program, with a mutation or as it is, in a directory of its own; the packages of others are shared. */
export function copyProgram(mutation: Mutation | null): { readonly program: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'promograph-mutant-'));
  const isSource = (path: string): boolean =>
    !/node_modules|\/dist(\/|$)|\.test\.ts$/.test(path.slice(repository.length));
  for (const part of ['libs', 'apps', 'package.json', 'tsconfig.base.json']) {
    cpSync(join(repository, part), join(dir, part), { recursive: true, filter: isSource });
  }
  linkPackages(dir);
  if (mutation !== null) mutate(dir, mutation);
  return {
    program: join(dir, 'apps/cli/bin/promograph.js'),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function mutate(dir: string, { file, before, after }: Mutation): void {
  const path = join(dir, file);
  const parts = readFileSync(path, 'utf8').split(before);
  if (parts.length !== 2) throw new Error(`${file} holds the guard ${parts.length - 1} times, not once: ${before}`);
  writeFileSync(path, parts.join(after));
}

/** Our own packages resolve to the copy, all others to what is installed, also where a room has its own version. */
function linkPackages(dir: string): void {
  const installed = join(repository, 'node_modules');
  const own = join(dir, 'node_modules');
  mkdirSync(join(own, '@promograph'), { recursive: true });
  for (const name of readdirSync(installed)) {
    if (!['@promograph', 'promograph'].includes(name)) symlinkSync(join(installed, name), join(own, name));
  }
  for (const room of readdirSync(join(dir, 'libs')))
    symlinkSync(join(dir, 'libs', room), join(own, '@promograph', room));
  for (const nested of globSync('{libs,apps}/*/node_modules', { cwd: repository })) {
    symlinkSync(join(repository, nested), join(dir, nested));
  }
}
