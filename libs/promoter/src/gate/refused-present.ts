// SPDX-License-Identifier: Apache-2.0
import type { GatedDigest } from '@promograph/report';
import type { PromoteRun } from '../session.ts';

/** What the gate refuses of digests that are at their destinations already: they stay unsigned, and no edge tells of it. */
export function refusedPresent({
  gate,
  receipts,
}: Pick<PromoteRun, 'gate' | 'receipts'>): readonly (GatedDigest & Required<Pick<GatedDigest, 'refused'>>)[] {
  const edges = receipts.flatMap((receipt) => receipt.edges);
  const told = new Set(edges.filter(({ outcome }) => outcome === 'refused' || outcome === 'failed').map(keyOf));
  return (gate?.digests ?? []).flatMap((gated) => {
    const { refused } = gated;
    return refused === undefined || told.has(keyOf(gated)) ? [] : [{ ...gated, refused }];
  });
}

function keyOf({ source, digest }: { readonly source: string; readonly digest: string }): string {
  return `${source}@${digest}`;
}
