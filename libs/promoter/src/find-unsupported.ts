// SPDX-License-Identifier: Apache-2.0
import { type Digest, isIndexType, isPromotableType, type Repository } from '@promograph/oci';
import type { CallOptions, RegistryClient } from '@promograph/registry';

/** Where an index is looked into. */
export interface IndexSource {
  readonly client: RegistryClient;
  readonly repository: Repository;
  readonly options: CallOptions;
}

/** Indexes in indexes deeper than this are refused by the copy itself. */
const MAX_DEPTH = 3;

/** The first media type below an index that a promoter cannot copy, or null when everything can be copied. */
export async function findUnsupported(source: IndexSource, digest: Digest, depth = 1): Promise<string | null> {
  const document = await source.client.getManifest(source.repository, digest, source.options);
  for (const child of document?.children ?? []) {
    if (!isPromotableType(child.mediaType)) return child.mediaType;
    if (!isIndexType(child.mediaType) || depth >= MAX_DEPTH) continue;
    const below = await findUnsupported(source, child.digest, depth + 1);
    if (below !== null) return below;
  }
  return null;
}
