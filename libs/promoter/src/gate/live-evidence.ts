// SPDX-License-Identifier: Apache-2.0
import { type Digest, isIndexType, isPromotableType, type ManifestDocument, parseRepository } from '@promograph/oci';
import type { Observations } from '@promograph/plan';
import { platformChildren } from '@promograph/provenance';
import type { CallOptions, RegistryClient } from '@promograph/registry';
import { type EvidenceRequest, type SignatureStore } from '@promograph/signing';
import type { DueDigest, EvidenceSource, EvidenceWants } from './gate-ports.ts';

/** Media type of the layers that BuildKit keeps attestations in. */
const IN_TOTO = 'application/vnd.in-toto+json';

/** What live evidence is read with. */
export interface LiveEvidenceOptions {
  readonly store: SignatureStore;
  readonly client: RegistryClient;
  /** What the plan's reads showed: tags of listed repositories need not be asked for, nor media types. */
  readonly seen: Observations;
  readonly signal: AbortSignal | undefined;
}

/** Reads evidence from the source registries, each digest with as few requests as what was seen already leaves. */
export function liveEvidence(options: LiveEvidenceOptions): EvidenceSource {
  const { store } = options;
  const calling = callOptions(options);
  return {
    read: (due, wants) =>
      store.gather(parseRepository(due.source), due.digest, evidenceRequest(due, wants, options.seen), calling),
    childrenOf: (due) => childrenOf(due, options),
  };
}

/** What to ask for: a tag that a complete listing does not have is not asked for again. */
export function evidenceRequest(
  { source, digest }: DueDigest,
  wants: EvidenceWants,
  seen: Observations,
): EvidenceRequest {
  const observed = seen.get(source);
  const isListed = observed?.isListed === true;
  const mayHave = (suffix: '.sig' | '.att' | ''): boolean =>
    !isListed || observed.tags.has(`${digest.replace(':', '-')}${suffix}`);
  return {
    signatures: wants.signatures && mayHave('.sig'),
    attestations: wants.attestations && mayHave('.att'),
    referrers: wants.signatures || wants.attestations,
    fallbackTag: mayHave(''),
  };
}

/**
 * Platform images directly below a digest that is, or may be, an index, and whatever the index passes off as BuildKit's
 * attestations: all of it is promoted and signed, so all of it is looked at.
 */
export async function childrenOf(
  { source, digest }: DueDigest,
  options: Pick<LiveEvidenceOptions, 'client' | 'seen' | 'signal'>,
): Promise<readonly Digest[]> {
  const mediaType = options.seen.get(source)?.digests.get(digest) ?? '';
  if (mediaType !== '' && !isIndexType(mediaType)) return [];
  const repository = parseRepository(source);
  const read = (child: Digest): Promise<ManifestDocument | null> =>
    options.client.getManifest(repository, child, callOptions(options));
  const document = await read(digest);
  if (document === null) return [];
  const images = new Set(platformChildren(document).map((child) => child.digest));
  const others = document.children.filter((child) => isPromotableType(child.mediaType) && !images.has(child.digest));
  const disguised = await Promise.all(
    others.map(async (child) => (isAttestationManifest(await read(child.digest)) ? [] : [child.digest])),
  );
  return [...images, ...new Set(disguised.flat())];
}

/** Nothing in such a manifest can be run. */
function isAttestationManifest(document: ManifestDocument | null): boolean {
  if (document?.kind !== 'manifest') return false;
  const layers = document.blobs.slice(1);
  return layers.length > 0 && layers.every(({ mediaType }) => mediaType === IN_TOTO);
}

function callOptions({ signal }: Pick<LiveEvidenceOptions, 'signal'>): CallOptions {
  return signal === undefined ? {} : { signal };
}
