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
    'least: at each destination a HEAD for each tag named that is there, one page of names where others are not, and a HEAD for each digest named that no tag showed; at the source a HEAD for each digest that a destination lacks',
} as const;

/** Tags of a page of names: a repository of more is told by no single page. */
const PAGE = 1000;

/** The fewest requests that can tell what a plan of these edges says. */
export function leastRequests(edges: readonly PlannedEdge[], listing: 'google' | 'plain'): number {
  const lacking = edges.filter(({ action }) => action === 'add' || action === 'lost');
  if (listing === 'google') {
    const repositories = [...edges.map(({ destination }) => destination), ...lacking.map(({ source }) => source)];
    return new Set(repositories).size;
  }
  const at = (edge: PlannedEdge): string => `${edge.destination}@${edge.digest}`;
  const shown = new Set(edges.filter(({ action, tag }) => action === 'present' && tag !== null).map(at));
  const digests = new Set(edges.map(at).filter((digest) => !shown.has(digest)));
  const sources = new Set(lacking.map(({ source, digest }) => `${source}@${digest}`));
  return leastForTags(edges) + digests.size + sources.size;
}

/** What is there needs its HEAD, for the digest; of what is not, one page of names tells. */
function leastForTags(edges: readonly PlannedEdge[]): number {
  const named = edges.flatMap((edge) => (edge.tag === null ? [] : [{ ...edge, tag: edge.tag }]));
  let requests = 0;
  for (const ofOne of Map.groupBy(named, ({ destination }) => destination).values()) {
    const all = new Set(ofOne.map(({ tag }) => tag));
    // A refused move shows that the tag is there, with another digest.
    const there = ofOne.filter(({ action }) => action === 'present' || action === 'refused');
    const present = new Set(there.map(({ tag }) => tag)).size;
    const missing = all.size - present;
    requests += present + (present > PAGE ? missing : Math.min(missing, 1));
  }
  return requests;
}
