// SPDX-License-Identifier: Apache-2.0
import type { SigningSettings } from '@promograph/manifest';
import { isAtOrBelow } from '@promograph/oci';
import { compareText, type PromotionEdge } from '@promograph/plan';
import { PromoterError } from '../promoter-error.ts';
import { distinctReferences } from './reference-of.ts';

/** Where the signatures of an image live, and the name that they carry. */
export interface CanonicalPlace {
  /** `host/path`. */
  readonly repository: string;
  readonly reference: string;
}

/** Where each digest of a project is signed. */
export interface CanonicalRepositories {
  /** Error: `PROMOTER_INVALID_INPUT` for a digest that has no destination below the canonical prefix. */
  placeOf(project: string, source: string, digest: string): CanonicalPlace;
  /** That error, for a digest that cannot be signed; null for one that can. */
  problemOf(project: string, source: string, digest: string): PromoterError | null;
}

/** The canonical repository of every edge: its digest's destination below `signing.canonical`, the first of several. */
export function canonicalRepositories(
  edges: readonly PromotionEdge[],
  { canonical, references }: Pick<SigningSettings, 'canonical' | 'references'>,
): CanonicalRepositories {
  const found = new Map<string, string>();
  for (const { project, source, digest, destination } of edges) {
    if (!isAtOrBelow(destination, canonical)) continue;
    const key = keyOf(project, source, digest);
    const known = found.get(key);
    if (known === undefined || compareText(destination, known) < 0) found.set(key, destination);
  }
  const names = distinctReferences(new Set(found.values()), references);
  return {
    problemOf: (project, source, digest) =>
      found.has(keyOf(project, source, digest)) ? null : noCanonical(project, canonical),
    placeOf: (project, source, digest) => {
      const repository = found.get(keyOf(project, source, digest));
      if (repository === undefined) throw noCanonical(project, canonical);
      return { repository, reference: names.get(repository) ?? repository };
    },
  };
}

function keyOf(project: string, source: string, digest: string): string {
  return `${project} ${source} ${digest}`;
}

function noCanonical(project: string, canonical: string): PromoterError {
  return new PromoterError('PROMOTER_INVALID_INPUT', `${project} has no destination below ${canonical}`, {
    hint: 'Signatures live at signing.canonical: add a registry below it to the promoter manifest, or correct the prefix.',
  });
}
