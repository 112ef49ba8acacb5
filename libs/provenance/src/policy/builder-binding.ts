// SPDX-License-Identifier: Apache-2.0
import type { SignerPrincipal } from '@promograph/signing';
import type { BuildProvenance } from './build-provenance.ts';
import { isSameRepository } from './source-repository.ts';
import { parseBuildConfigUri } from './workflow-run.ts';

const GITHUB = 'https://github.com/';
const GENERATOR = 'https://github.com/slsa-framework/slsa-github-generator/.github/workflows/';
/** Reusable workflows that run other builders: their provenance names the one that they ran. */
const DELEGATORS = ['delegator_generic_slsa3.yml', 'delegator_lowperms-generic_slsa3.yml'];
const RELEASED = [
  'generator_generic_slsa3.yml',
  'generator_container_slsa3.yml',
  'builder_go_slsa3.yml',
  'builder_container-based_slsa3.yml',
  ...DELEGATORS,
];
/** Semantic version tags, as the SLSA GitHub generator releases: `v1.2.3`, with a prerelease part or without. */
const RELEASE_TAG = /^refs\/tags\/v\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

interface WorkflowName {
  readonly base: string;
  readonly ref: string;
}

/**
 * Why the signer does not prove the builder that the provenance names, or null (SLSA verifier's `builder-identity-bound`).
 * A GitHub workflow signs with its own name in the certificate, so the two must be the same workflow at the same ref, run
 * by one of `sources`; released generators only at a release tag. Builders and signers elsewhere are bound by the policy.
 */
export function bindingProblem(
  provenance: BuildProvenance,
  principal: SignerPrincipal,
  sources: readonly string[],
): string | null {
  const subject = principal.kind === 'certificate' ? principal.subject : '';
  const isSignedByWorkflow = subject.startsWith(GITHUB);
  const named = splitRef(provenance.builderId);
  if (!isSignedByWorkflow) {
    return named.base.startsWith(GITHUB) ? `builder ${provenance.builderId} did not sign: ${subject} did` : null;
  }
  const signer = splitRef(subject);
  const released = signer.base.startsWith(GENERATOR) ? signer.base.slice(GENERATOR.length) : '';
  if (RELEASED.includes(released) && !RELEASE_TAG.test(signer.ref)) {
    return `${signer.base} signed at ${signer.ref}, which is not a release tag`;
  }
  if (!DELEGATORS.includes(released)) {
    if (named.base !== signer.base) return `builder ${provenance.builderId} did not sign: ${subject} did`;
    // A commit cannot be compared with the certificate's ref.
    if (named.ref !== '' && named.ref !== signer.ref && !COMMIT.test(named.ref)) {
      return `builder is named at ${named.ref}, but signed at ${signer.ref}`;
    }
  }
  return callingRepositoryProblem(principal, sources);
}

function callingRepositoryProblem(principal: SignerPrincipal, sources: readonly string[]): string | null {
  const uri = principal.kind === 'certificate' ? principal.buildConfigUri : null;
  const run = uri === null ? null : parseBuildConfigUri(uri);
  if (run === null || sources.some((source) => isSameRepository(source, run.repository))) return null;
  return `its signing certificate was issued to a run of ${run.repository}, which is not where its source is`;
}

function splitRef(name: string): WorkflowName {
  const at = name.indexOf('@');
  return at < 0 ? { base: name, ref: '' } : { base: name.slice(0, at), ref: name.slice(at + 1) };
}
