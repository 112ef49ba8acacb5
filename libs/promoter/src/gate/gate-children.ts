// SPDX-License-Identifier: Apache-2.0
import {
  type Descriptor,
  type Digest,
  isIndexType,
  isPromotableType,
  type ManifestDocument,
  parseRepository,
} from '@promograph/oci';
import { platformChildren } from '@promograph/provenance';
import { type CallOptions, MAX_CLOSURE_DOCUMENTS, RegistryError } from '@promograph/registry';
import type { DueDigest, GateChild } from './gate-ports.ts';
import type { LiveEvidenceOptions } from './live-evidence.ts';

/** Media type of the layers that BuildKit keeps attestations in. */
const IN_TOTO = 'application/vnd.in-toto+json';

/** What children are found with. */
type ChildReading = Pick<LiveEvidenceOptions, 'client' | 'seen' | 'signal'>;

/**
 * Platform images and indexes below a digest that is, or may be, an index, so many levels deep, and whatever an index passes off as
 * BuildKit's attestations: all of it is promoted and signed, so all of it is looked at. An index at the last level is told as an image.
 */
export async function childrenOf(due: DueDigest, levels: number, options: ChildReading): Promise<readonly GateChild[]> {
  const mediaType = options.seen.get(due.source)?.digests.get(due.digest) ?? '';
  if (mediaType !== '' && !isIndexType(mediaType)) return [];
  const read = reader(due, options);
  const found = new Map<Digest, GateChild>();
  let indexes = [due.digest];
  for (let level = 1; level <= levels && indexes.length > 0; level += 1) {
    const named = await Promise.all(indexes.map(async (digest) => ({ digest, images: await imagesIn(digest, read) })));
    for (const { digest, images } of named) {
      const index = found.get(digest);
      if (index !== undefined && images.length > 0) found.set(digest, { ...index, isIndex: true });
    }
    const fresh = new Map(named.flatMap(({ images }) => images.map((child) => [child.digest, child] as const)));
    for (const known of [due.digest, ...found.keys()]) fresh.delete(known);
    for (const digest of fresh.keys()) found.set(digest, { digest, isDirect: level === 1, isIndex: false });
    if (found.size > MAX_CLOSURE_DOCUMENTS) throw tooMany(due);
    indexes = [...fresh.values()].flatMap((child) => (isIndexType(child.mediaType) ? [child.digest] : []));
  }
  return [...found.values()];
}

type ReadDocument = (digest: Digest) => Promise<ManifestDocument | null>;

function reader({ source }: DueDigest, { client, signal }: ChildReading): ReadDocument {
  const calling: CallOptions = signal === undefined ? {} : { signal };
  return (digest) => client.getManifest(parseRepository(source), digest, calling);
}

/** What an index names that is, or may be, more than attestations; nothing where it is no index, or is not there. */
async function imagesIn(digest: Digest, read: ReadDocument): Promise<readonly Descriptor[]> {
  const document = await read(digest);
  if (document === null) return [];
  const images = platformChildren(document);
  const known = new Set(images.map((child) => child.digest));
  const others = document.children.filter((child) => isPromotableType(child.mediaType) && !known.has(child.digest));
  const disguised = await Promise.all(
    others.map(async (child) => (isAttestationManifest(await read(child.digest)) ? [] : [child])),
  );
  return [...images, ...disguised.flat()];
}

/** Nothing in such a manifest can be run. */
function isAttestationManifest(document: ManifestDocument | null): boolean {
  if (document?.kind !== 'manifest') return false;
  const layers = document.blobs.slice(1);
  return layers.length > 0 && layers.every(({ mediaType }) => mediaType === IN_TOTO);
}

function tooMany({ source, digest }: DueDigest): RegistryError {
  return new RegistryError(
    'REGISTRY_PROTOCOL',
    `${source}@${digest} has more than ${MAX_CLOSURE_DOCUMENTS} manifests below it`,
  );
}
