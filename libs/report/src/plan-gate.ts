// SPDX-License-Identifier: Apache-2.0
import type { Project, PromographConfig, ProvenancePolicy } from '@promograph/manifest';
import { isAtOrBelow } from '@promograph/oci';
import { z } from 'zod';
import { countSchema } from './artifact-parts.ts';
import { severityName } from './severity-name.ts';

/**
 * What the gate demands of a project's images, so that a weaker policy shows when two plans are compared. Absent in plans
 * of trees without a gate.
 */
export interface PlanGate {
  readonly signatures: 'off' | 'if-present' | 'require';
  readonly provenance: 'off' | 'warn' | 'require';
  /** SLSA build level that the strictest policy requires of every image; 0 means all controls that apply. */
  readonly level?: number;
  /** Lowest severity, 0 to 5, that refuses; absent where nothing is scanned. */
  readonly scan?: number;
}

/** Schema of `PlanGate`. */
export const planGateSchema: z.ZodType<PlanGate> = z.object({
  signatures: z.enum(['off', 'if-present', 'require']),
  provenance: z.enum(['off', 'warn', 'require']),
  level: z.exactOptional(countSchema),
  scan: z.exactOptional(countSchema),
});

/** The gate of one project, or null where nothing is demanded. A policy applies to every image at or below its own source. */
export function planGateOf(
  project: Project,
  tree: { readonly projects: readonly Project[]; readonly config: Pick<PromographConfig, 'staging' | 'scan'> },
): PlanGate | null {
  const policies = tree.projects.flatMap(({ source, provenance }) => {
    // A tree without policies asks this for each of its projects: names are compared last.
    if (provenance === null || provenance.mode === 'off') return [];
    const isAbove = isAtOrBelow(project.source.name, source.name);
    const hasImages = (): boolean =>
      project.images.some(({ name }) => isAtOrBelow(`${project.source.name}/${name}`, source.name));
    return isAbove || hasImages() ? [provenance] : [];
  });
  const { staging, scan } = tree.config;
  if (policies.length === 0 && staging.signatures === 'off' && scan === null) return null;
  return {
    signatures: staging.signatures,
    ...provenanceOf(policies),
    ...(scan === null ? {} : { scan: scan.threshold }),
  };
}

function provenanceOf(policies: readonly ProvenancePolicy[]): Pick<PlanGate, 'provenance' | 'level'> {
  if (policies.length === 0) return { provenance: 'off' };
  const required = policies.filter(({ mode }) => mode === 'require');
  const counted = required.length > 0 ? required : policies;
  return {
    provenance: required.length > 0 ? 'require' : 'warn',
    level: Math.max(...counted.map(({ level }) => level)),
  };
}

/** The gate in one line: `signatures required, provenance required at level 3, vulnerabilities from high`. */
export function printPlanGate({ signatures, provenance, level, scan }: PlanGate): string {
  const atLevel = level === undefined || level === 0 ? '' : ` at level ${level}`;
  return [
    { off: 'signatures off', 'if-present': 'signatures where present', require: 'signatures required' }[signatures],
    { off: 'provenance off', warn: 'provenance warns', require: `provenance required${atLevel}` }[provenance],
    scan === undefined ? 'no scan' : `vulnerabilities from ${severityName(scan)}`,
  ].join(', ');
}
