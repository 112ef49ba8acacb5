// SPDX-License-Identifier: Apache-2.0
import type { ReferenceRule } from '@promograph/manifest';
import { PromoterError } from '../promoter-error.ts';

/**
 * The name that users pull, for a canonical repository `host/path`: the first rule whose text it contains replaces all up to
 * and including that text. Without such a rule it is the repository itself.
 */
export function referenceOf(repository: string, rules: readonly ReferenceRule[]): string {
  for (const { contains, to } of rules) {
    const end = endOfMatch(repository, contains);
    if (end !== -1) return `${to}${repository.slice(end)}`;
  }
  return repository;
}

/** Names are cut at slashes only: `prod/images` is not in `prod/images-old`. */
function endOfMatch(repository: string, contains: string): number {
  for (let from = 0; ;) {
    const start = repository.indexOf(contains, from);
    if (start === -1) return -1;
    const end = start + contains.length;
    const isWholeStart = start === 0 || repository[start - 1] === '/';
    const isWholeEnd = end === repository.length || repository[end] === '/';
    if (isWholeStart && isWholeEnd) return end;
    from = start + 1;
  }
}

/** References by repository. Two repositories under one name would sign for each other: `PROMOTER_INVALID_INPUT`. */
export function distinctReferences(
  repositories: Iterable<string>,
  rules: readonly ReferenceRule[],
): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  const references = new Map<string, string>();
  for (const repository of repositories) {
    const reference = referenceOf(repository, rules);
    const owner = owners.get(reference);
    if (owner !== undefined && owner !== repository) {
      throw new PromoterError(
        'PROMOTER_INVALID_INPUT',
        `${owner} and ${repository} would both be signed as ${reference}`,
        {
          hint: 'Make the rules under signing.references map different repositories to different names.',
        },
      );
    }
    owners.set(reference, repository);
    references.set(repository, reference);
  }
  return references;
}
