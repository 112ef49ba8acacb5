// SPDX-License-Identifier: Apache-2.0
import type { Statement } from '@promograph/signing';
import { z } from 'zod';
import { inputAttestations } from './input-attestations.ts';
import { isOwnStatement, ownStatement, type StatementTarget } from './own-statement.ts';
import { printTime } from './print-time.ts';
import { summaryOutcome, type SummarySource } from './summary-outcome.ts';

/** Predicate type of SLSA verification summaries. */
export const SUMMARY_PREDICATE_TYPE = 'https://slsa.dev/verification_summary/v1';

/** A verification of one promoted digest. */
export interface VerificationSummaryInput extends StatementTarget {
  /** `verifier.id`; there is no default. */
  readonly verifierId: string;
  /** Version of promograph. */
  readonly version: string;
  readonly timeVerified: Date;
  readonly policy: SummaryPolicy;
  /** The staging images that the digest was promoted from, usually one. */
  readonly sources: readonly SummarySource[];
  /** Level that stands for the reviewed manifest. */
  readonly reviewedLevel?: string;
}

/** Where the policies come from. */
export interface SummaryPolicy {
  /** `git+https://...`; null where the tree is not in a repository with such an origin. */
  readonly repository: string | null;
  readonly gitCommit: string | null;
  /** The promoter manifests that declare them, relative to the repository's root. */
  readonly manifestFiles: readonly string[];
}

/**
 * The statement of a verification summary (https://slsa.dev/spec/v1.0/verification_summary), or why there is none: without
 * a manifest at a commit nobody could say what was reviewed. A failed summary is for a signer of its own only.
 */
export function verificationSummary(
  input: VerificationSummaryInput,
): { readonly statement: Statement } | { readonly omitted: string } {
  const { policy, sources } = input;
  if (policy.repository === null || policy.gitCommit === null) {
    return { omitted: 'the manifests are not at a commit of a repository with an https origin' };
  }
  if (sources.length === 0) return { omitted: 'no source of the digest was evaluated' };
  const inputs = inputAttestations(sources);
  const outcome = summaryOutcome(sources, input.reviewedLevel);
  const predicate = {
    verifier: { id: input.verifierId, version: { promograph: input.version } },
    timeVerified: printTime(input.timeVerified),
    resourceUri: resourceUri(input),
    policy: { uri: policyUri(policy.repository, policy.manifestFiles), digest: { gitCommit: policy.gitCommit } },
    ...(inputs.length > 0 && { inputAttestations: inputs }),
    verificationResult: outcome.verificationResult,
    verifiedLevels: outcome.verifiedLevels,
    slsaVersion: '1.0',
  };
  return { statement: ownStatement(input, SUMMARY_PREDICATE_TYPE, predicate) };
}

const predicateSchema = z.looseObject({
  verifier: z.looseObject({ id: z.string() }),
  resourceUri: z.string(),
});

/** Whether a statement, once verified, is a summary of `target` by the verifier, whatever it came to. */
export function isSummaryFor(statement: Statement, target: StatementTarget & { readonly verifierId: string }): boolean {
  if (statement.predicateType !== SUMMARY_PREDICATE_TYPE || !isOwnStatement(statement, target)) return false;
  const { data } = predicateSchema.safeParse(statement.predicate);
  return data?.verifier.id === target.verifierId && data.resourceUri === resourceUri(target);
}

function resourceUri({ reference, digest }: StatementTarget): string {
  return `${reference}@${digest}`;
}

function policyUri(repository: string, files: readonly string[]): string {
  const [first, ...others] = new Set(files);
  return first === undefined || others.length > 0 ? repository : `${repository}#${first}`;
}
