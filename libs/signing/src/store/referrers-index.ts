// SPDX-License-Identifier: Apache-2.0
import {
  digestOf,
  type ManifestDocument,
  MAX_MANIFEST_BYTES,
  MEDIA_TYPES,
  parseManifestDocument,
} from '@promograph/oci';
import { SigningError } from '../signing-error.ts';

/**
 * The index of the fallback tag with `referrer` in it, sorted by digest as cosign sorts it; entries of others stay as they
 * are. Error: `SIGNING_STORE` when it grows beyond what registries take.
 */
export function withReferrer(current: ManifestDocument | null, referrer: ManifestDocument): ManifestDocument {
  const held = current === null ? {} : (JSON.parse(Buffer.from(current.bytes).toString('utf8')) as RawIndex);
  const entry = {
    mediaType: referrer.mediaType,
    size: referrer.bytes.length,
    digest: digestOf(referrer.bytes),
    ...(Object.keys(referrer.annotations).length === 0 ? {} : { annotations: referrer.annotations }),
    ...(referrer.artifactType === null ? {} : { artifactType: referrer.artifactType }),
  };
  const manifests = [...(held.manifests ?? []).filter(({ digest }) => digest !== entry.digest), entry];
  manifests.sort((one, other) => (one.digest < other.digest ? -1 : 1));
  const { schemaVersion: _version, mediaType: _type, manifests: _manifests, ...rest } = held;
  const raw = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests, ...rest };
  const bytes = Buffer.from(JSON.stringify(raw));
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new SigningError('SIGNING_STORE', `${manifests.length} referrers of one image need an index above 4 MiB`);
  }
  return parseManifestDocument(bytes, MEDIA_TYPES.ociIndex);
}

/** A checked index as JSON: what is not named here is kept as it is. */
interface RawIndex {
  readonly schemaVersion?: number;
  readonly mediaType?: string;
  readonly manifests?: readonly { readonly digest: string }[] | null;
}
