// SPDX-License-Identifier: Apache-2.0

/** One line of `plan --all --output json`. */
export interface PlannedEdge {
  readonly action: string;
  readonly digest: string;
  readonly source: string;
  readonly destination: string;
  readonly tag: string | null;
}

/** How `leastRequests` counts, in words, by kind of listing. */
export const LEAST_REQUESTS_FORMULA = {
  google:
    'least: one list for each destination repository, and for each source repository of a digest that one of them lacks',
  plain:
    'least: at each destination a HEAD for each tag named and for each digest named that no tag showed; at the source a HEAD for each digest that a destination lacks',
} as const;

/** The fewest requests that can tell what a plan of these edges says. */
export function leastRequests(edges: readonly PlannedEdge[], listing: 'google' | 'plain'): number {
  const lacking = edges.filter(({ action }) => action === 'add' || action === 'lost');
  if (listing === 'google') {
    const repositories = [...edges.map(({ destination }) => destination), ...lacking.map(({ source }) => source)];
    return new Set(repositories).size;
  }
  const at = (edge: PlannedEdge): string => `${edge.destination}@${edge.digest}`;
  const shown = new Set(edges.filter(({ action, tag }) => action === 'present' && tag !== null).map(at));
  const tags = new Set(edges.flatMap(({ destination, tag }) => (tag === null ? [] : [`${destination}:${tag}`])));
  const digests = new Set(edges.map(at).filter((digest) => !shown.has(digest)));
  const sources = new Set(lacking.map(({ source, digest }) => `${source}@${digest}`));
  return tags.size + digests.size + sources.size;
}
