// SPDX-License-Identifier: Apache-2.0
import { buildProgramPackage } from './build-program-package.ts';

/** Builds the package `promograph`: command and API with all libraries of the workspace inside. */
export async function buildCliPackage(root: string, target: string): Promise<void> {
  await buildProgramPackage({ root, target, directory: 'apps/cli', bin: 'bin/promograph.js' });
}
