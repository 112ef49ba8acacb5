// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { join } from 'node:path';

const CACHE = join('.cache', 'promograph');

/**
 * Has Node keep the compiled form of what is imported from now on, below the workspace's `node_modules`: whoever may write
 * there may change the packages themselves. Every batch is a new process, which would compile all of it again. Where the
 * directory cannot be written, Node goes on without.
 */
export function keepCompiledCode(workspaceRoot: string): void {
  const packages = join(workspaceRoot, 'node_modules');
  if (existsSync(packages)) nodeModule.enableCompileCache(join(packages, CACHE));
}

/** Writes it now: Nx ends a worker by a signal, before Node would. */
export function writeCompiledCode(): void {
  nodeModule.flushCompileCache();
}
