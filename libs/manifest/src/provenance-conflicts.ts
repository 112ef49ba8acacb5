// SPDX-License-Identifier: Apache-2.0
import { type Finding, makeFinding } from './finding.ts';
import type { Project } from './model.ts';
import type { ProvenancePolicy } from './provenance-policy.ts';

/**
 * Notes projects that share a source registry and demand different provenance of it, at the source of the later one. Both
 * get a fatal finding: which policy was meant is unknown. Off and absent are the same, order of lists does not count.
 */
export function findProvenanceConflicts(projects: readonly Project[]): Finding[] {
  const first = new Map<string, Project>();
  const findings = new Map<string, Finding>();
  for (const project of projects) {
    const source = project.source.name;
    const other = first.get(source);
    if (other === undefined) first.set(source, project);
    else if (policyKey(other.provenance) !== policyKey(project.provenance)) {
      findings.set(project.name, conflict(project, other));
      if (!findings.has(other.name)) findings.set(other.name, conflict(other, project));
    }
  }
  return [...findings.values()];
}

/** Whether two policies demand the same; order does not count, and off is the same as none. */
export function isSamePolicy(a: ProvenancePolicy | null, b: ProvenancePolicy | null): boolean {
  return policyKey(a) === policyKey(b);
}

function conflict(project: Project, other: Project): Finding {
  const source = project.source.name;
  const message = `source ${source} has another provenance policy in ${other.manifestFile}`;
  return makeFinding('provenance-conflict', project.source.at, { message, value: source, project: project.name });
}

function policyKey(policy: ProvenancePolicy | null): string {
  if (policy === null || policy.mode === 'off') return 'off';
  const sorted = (texts: readonly string[]): string[] => [...texts].sort();
  const entries = (values: readonly unknown[]): string[] => sorted(values.map((value) => JSON.stringify(value)));
  return JSON.stringify([
    policy.mode,
    policy.level,
    sorted(policy.signers),
    sorted(policy.sources),
    sorted(policy.predicateTypes),
    entries(policy.builders.map(({ id, level, signers, caller }) => [id, level, sorted(signers), callerKey(caller)])),
    entries(policy.levels.map(({ images, level }) => [sorted(images), level])),
  ]);
}

function callerKey(caller: ProvenancePolicy['builders'][number]['caller']): unknown {
  return caller === null ? null : [[...caller.workflows].sort(), [...caller.refs].sort()];
}
