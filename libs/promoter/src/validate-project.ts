// SPDX-License-Identifier: Apache-2.0
import { makeFinding, printPosition, sortFindings, type Finding } from '@promograph/manifest';
import { overlapsOf, conflictsOf } from '@promograph/plan';
import { findingsOn } from './findings-on.ts';
import type { LoadedWorkspace } from './load-workspace.ts';

/** Findings of the project's files and of files of the whole tree, and each overlap as an error at its tag. */
export function validateProject(workspace: LoadedWorkspace, project: string): readonly Finding[] {
  return sortFindings([...findingsOn(workspace.findings, project), ...overlapFindings(workspace, project)]);
}

function overlapFindings(workspace: LoadedWorkspace, project: string): Finding[] {
  const edges = workspace.edgesOf([project]);
  const overlaps = overlapsOf(edges, workspace.claimsOn([project]));
  const findings = new Map<string, Finding>();
  for (const edge of edges) {
    const digests = conflictsOf(overlaps, edge);
    if (digests === null) continue;
    const value = `${edge.destination}:${edge.tag}`;
    const message = `${value} is claimed by ${digests.length} digests: ${digests.join(', ')}`;
    findings.set(`${printPosition(edge.at)} ${value}`, makeFinding('overlap', edge.at, { message, value, project }));
  }
  return [...findings.values()];
}
