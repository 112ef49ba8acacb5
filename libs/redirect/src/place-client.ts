// SPDX-License-Identifier: Apache-2.0
import type { PlacementPolicy } from './policy.ts';
import type { RangeTable } from './range-table.ts';

/** What is known of a client. */
export interface ClientHints {
  /** By `clientAddress`. */
  readonly address: string;
  /** Value of the configured header, if the request has it. */
  readonly header: string | undefined;
}

/** Where a client is. */
export interface ClientPlace {
  readonly region: string;
  readonly label: string | null;
}

/** Places a client: the instance's own region, the trusted header, the range of its address, the default. */
export function placeClient(hints: ClientHints, policy: PlacementPolicy, ranges: RangeTable | null): ClientPlace {
  const label = ranges?.find(hints.address) ?? null;
  if (policy.fixed !== null) return { region: policy.fixed, label };
  const named = hints.header === undefined ? undefined : policy.headerRegions.get(hints.header.toLowerCase());
  return { region: named ?? regionOf(label, policy) ?? policy.fallback, label };
}

function regionOf(label: string | null, { labels, headerRegions }: PlacementPolicy): string | undefined {
  if (label === null) return undefined;
  const exact = labels.exact.get(label);
  if (exact !== undefined) return exact;
  // A range of a region's own name needs no entry.
  const own = headerRegions.get(label.slice(label.indexOf(':') + 1).toLowerCase());
  return own ?? labels.starts.find(([start]) => label.startsWith(start))?.[1];
}
