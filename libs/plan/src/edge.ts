// SPDX-License-Identifier: Apache-2.0
import type { Position } from '@promograph/manifest';
import type { Digest } from '@promograph/oci';

/** One digest to one destination repository under one tag, or under none. Repositories are printed `host/path`. */
export interface PromotionEdge {
  readonly project: string;
  readonly source: string;
  readonly destination: string;
  readonly digest: Digest;
  readonly tag: string | null;
  readonly at: Position;
}
