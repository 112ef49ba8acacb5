// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from '@promograph/manifest';

/**
 * Projects that cannot be used and whose manifest speaks of provenance, or cannot be read at all: a policy of theirs may apply to
 * images of others below their source registry, and breaking a manifest must not be a way around it.
 */
export function unreadPolicies({ root, projects, projectNames }: Tree): readonly string[] {
  const usable = new Set(projects.map(({ name }) => name));
  return projectNames.filter((name) => !usable.has(name) && mayHoldPolicy(root, name));
}

function mayHoldPolicy(root: string, project: string): boolean {
  try {
    return readFileSync(join(root, 'manifests', project, 'promoter-manifest.yaml'), 'utf8').includes('provenance');
  } catch {
    return true;
  }
}
