// SPDX-License-Identifier: Apache-2.0
import { isSamePolicy, type Project, type ProvenancePolicy } from '@promograph/manifest';
import { isAtOrBelow, printRepository, type Repository } from '@promograph/oci';

/** A policy that applies to a source repository. */
export interface AppliedPolicy {
  readonly policy: ProvenancePolicy;
  /** The source registry that declares it, lower-case host and no trailing slash. */
  readonly registry: string;
  /** Names of the projects that declare it. */
  readonly projects: readonly string[];
  /** The repository's path below `registry`; empty when they are the same. */
  readonly image: string;
}

/**
 * The policies that apply to `repository`: every one that is not off and whose source registry is the repository or a path
 * above it, of all projects of the tree, so that no project opts out of what is declared above it. Sorted by registry; equal
 * policies of one registry once, unequal ones (which the manifests' check refuses) all.
 */
export function policiesFor(repository: Repository, projects: readonly Project[]): readonly AppliedPolicy[] {
  const name = normalised(printRepository(repository));
  const applied: AppliedPolicy[] = [];
  for (const project of projects) {
    const registry = normalised(project.source.name);
    const { provenance } = project;
    if (provenance === null || provenance.mode === 'off' || !isAtOrBelow(name, registry)) continue;
    const known = applied.findIndex((entry) => entry.registry === registry && isSamePolicy(entry.policy, provenance));
    const same = applied[known];
    const entry = { policy: provenance, registry, projects: [project.name], image: name.slice(registry.length + 1) };
    if (same === undefined) applied.push(entry);
    else applied[known] = { ...same, projects: [...same.projects, project.name].sort() };
  }
  return applied.sort((a, b) => order(a).localeCompare(order(b), 'en'));
}

function order({ registry, projects }: AppliedPolicy): string {
  return `${registry} ${projects.join(' ')}`;
}

function normalised(name: string): string {
  const trimmed = name.replace(/\/+$/, '');
  const slash = trimmed.indexOf('/');
  return slash < 0 ? trimmed.toLowerCase() : trimmed.slice(0, slash).toLowerCase() + trimmed.slice(slash);
}
