// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { Project, Tree } from '@promograph/manifest';
import { isAtOrBelow } from '@promograph/oci';
import type { ArtifactInputs } from '@promograph/report';
import { unreadPolicies } from './gate/unread-policies.ts';
import { hashOfFile } from './hash-of-file.ts';

/** A build graph asks for each project of one tree. */
const unreadOf = new WeakMap<Tree, Readonly<Record<string, string>>>();

/**
 * sha256 (hex) of the manifests of other projects whose policies may apply to the images of `project`: a verdict under one of
 * them must not outlive it in a cache. Manifests that cannot be used are among them, since they refuse everything.
 */
export function policyInputs(tree: Tree, project: Project): Pick<ArtifactInputs, 'policies'> {
  const found = new Map(Object.entries(unreadManifests(tree)));
  for (const { name, source, provenance, manifestSha256 } of tree.projects) {
    // A tree without policies asks this for each of its projects: names are compared last.
    if (provenance === null || provenance.mode === 'off' || name === project.name) continue;
    if (isRelated(source.name, project.source.name)) found.set(name, manifestSha256);
  }
  return found.size === 0 ? {} : { policies: Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** One is at, below or above the other: a policy of a registry below a source applies to its images there. */
function isRelated(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  return isAtOrBelow(a, b) || isAtOrBelow(b, a);
}

function unreadManifests(tree: Tree): Readonly<Record<string, string>> {
  const known = unreadOf.get(tree);
  if (known !== undefined) return known;
  const hashes = Object.fromEntries(
    unreadPolicies(tree).flatMap((name) => {
      const sha256 = hashOfFile(join(tree.root, 'manifests', name, 'promoter-manifest.yaml'));
      return sha256 === null ? [] : [[name, sha256]];
    }),
  );
  unreadOf.set(tree, hashes);
  return hashes;
}
