// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import type { PolicyResult } from '../policy/policy-result.ts';

/** What the policies said of one staging image that a digest was promoted from. */
export interface SummarySource {
  /** `host/path`. */
  readonly repository: string;
  /** One for each policy that applies; null for one that could not be evaluated. Empty where no policy applies. */
  readonly results: readonly (PolicyResult | null)[];
}

/** Result and levels of a verification summary. */
export interface SummaryOutcome {
  readonly verificationResult: 'PASSED' | 'FAILED';
  readonly verifiedLevels: readonly string[];
}

/** The level that stands for a reviewed promotion manifest, unless configured otherwise. */
export const REVIEWED_LEVEL = 'K8S_PROMOTION_MANIFEST_REVIEWED';

/**
 * What a summary may say: failed as soon as one result of one source is unsatisfied or missing; otherwise the lowest build
 * level of all results, and none where a source has no policy or a result no level.
 */
export function summaryOutcome(
  sources: readonly SummarySource[],
  reviewedLevel: string = REVIEWED_LEVEL,
): SummaryOutcome {
  const results = sources.flatMap((source) => source.results);
  if (results.some((result) => result === null || !result.isSatisfied)) {
    return { verificationResult: 'FAILED', verifiedLevels: ['FAILED'] };
  }
  const levels = results.map((result) => result?.level ?? 0);
  const isEvaluated = sources.length > 0 && sources.every((source) => source.results.length > 0) && !levels.includes(0);
  const build = isEvaluated ? String(Math.min(...levels)) : 'UNEVALUATED';
  return { verificationResult: 'PASSED', verifiedLevels: [`SLSA_BUILD_LEVEL_${build}`, reviewedLevel] };
}

/**
 * The sources for the summary of a platform image that no manifest lists, from those of an index that holds it: its own
 * results where they pass; otherwise it fails with the index, or claims nothing.
 */
export function childSources(child: Digest, sources: readonly SummarySource[]): readonly SummarySource[] {
  return sources.map(({ repository, results }) => {
    const own = results.map((result) => result?.children.find(({ digest }) => digest === child)?.result ?? null);
    const source = { repository, results: own };
    if (own.length > 0 && summaryOutcome([source]).verificationResult === 'PASSED') return source;
    const hasFailed = summaryOutcome([{ repository, results }]).verificationResult === 'FAILED';
    return { repository, results: hasFailed ? [null] : [] };
  });
}
