// SPDX-License-Identifier: Apache-2.0
import { compilePathPattern, type ProvenanceBuilder } from '@promograph/manifest';
import type { SignerPrincipal } from '@promograph/signing';
import type { BuildProvenance } from './build-provenance.ts';
import { isClaimed } from './claimable-builders.ts';
import { isSameRepository } from './source-repository.ts';
import { parseBuildConfigUri, printWorkflowRun, type WorkflowRun } from './workflow-run.ts';

/** A provenance whose signature, signer and builder were found to be right. */
export interface SignedProvenance {
  readonly provenance: BuildProvenance;
  readonly principal: SignerPrincipal;
  /** The builders that the signer may claim. */
  readonly builders: readonly ProvenanceBuilder[];
  /** The sources of the policy. */
  readonly sources: readonly string[];
}

/**
 * Why the caller is not one that the claimed builders allow, or null. The caller is the workflow that the certificate
 * names (anyone may call a reusable workflow, so neither the signer nor the provenance tells); the provenance must name
 * the same, it must be in a source of the policy, and every constrained builder of that id must allow it.
 */
export function callerProblem(signed: SignedProvenance): string | null {
  const { provenance, principal, sources } = signed;
  const callers = signed.builders
    .filter((builder) => isClaimed(builder, provenance.builderId))
    .map(({ caller }) => caller);
  const constraints = callers.filter((caller) => caller !== null);
  if (constraints.length === 0) return null;
  const { caller } = provenance;
  if (caller.kind === 'malformed') return caller.message;
  const uri = principal.kind === 'certificate' ? principal.buildConfigUri : null;
  const run = parseBuildConfigUri(uri ?? '');
  if (run === null) return `its signing certificate names no calling workflow${uri === null ? '' : `: ${uri}`}`;
  const name = printWorkflowRun(run);
  if (!sources.some((source) => isSameRepository(source, run.repository))) {
    return `it was called by ${name}, which is not in a source of the policy`;
  }
  if (caller.kind === 'none') return `it names no calling workflow, and its signing certificate names ${name}`;
  const claimed = printWorkflowRun(caller.run);
  if (!isSameRun(caller.run, run))
    return `it names the calling workflow ${claimed}, but its signing certificate ${name}`;
  return (
    constraints.map((constraint) => constraintProblem(constraint, run)).find((problem) => problem !== null) ?? null
  );
}

function constraintProblem(caller: NonNullable<ProvenanceBuilder['caller']>, run: WorkflowRun): string | null {
  const name = printWorkflowRun(run);
  if (caller.workflows.length > 0 && !caller.workflows.includes(run.path)) {
    return `it was called by ${name}, the builder allows the workflows ${caller.workflows.join(', ')}`;
  }
  if (caller.refs.some((ref) => compilePathPattern(ref)?.matches(run.ref) === true)) return null;
  return `it was called by ${name}, the builder allows the refs ${caller.refs.join(', ')}`;
}

function isSameRun(a: WorkflowRun, b: WorkflowRun): boolean {
  return a.repository === b.repository && a.path === b.path && a.ref === b.ref;
}
