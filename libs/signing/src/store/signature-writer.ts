// SPDX-License-Identifier: Apache-2.0
import { type Digest, type ManifestDocument, printRepository, type Repository } from '@promograph/oci';
import { type CallOptions, putBlob, type RegistryClient } from '@promograph/registry';
import type { NewSignatureLayer, WriteOutcome } from '../signature-store.ts';
import { SigningError } from '../signing-error.ts';
import { signatureTag } from './evidence-tags.ts';
import { extendSignatures, missingLayers } from './signature-manifest.ts';
import { rewriteTag } from './tag-rewrite.ts';

/** Adds layers to a `.sig` image; see `SignatureStore.addSignatures`. The caller holds the lease. */
export async function addSignatures(
  client: RegistryClient,
  target: {
    readonly repository: Repository;
    readonly subject: Digest;
    readonly layers: readonly NewSignatureLayer[];
  },
  options: CallOptions,
): Promise<WriteOutcome> {
  const { repository, subject } = target;
  const tag = signatureTag(subject);
  if (tag === null || target.layers.length === 0) {
    const name = `${printRepository(repository)}@${subject}`;
    const why = tag === null ? 'its digest is too long for a .sig tag' : 'there is no signature to add';
    throw new SigningError('SIGNING_STORE', `${name}: ${why}`, { hint: 'Sign with the bundle format alone.' });
  }
  const merge = async (current: ManifestDocument | null): Promise<ManifestDocument | null> => {
    if (current !== null && current.kind !== 'manifest') {
      throw new SigningError('SIGNING_STORE', `${printRepository(repository)}:${tag} is ${current.mediaType}`);
    }
    const missing = missingLayers(current, target.layers);
    if (missing.length === 0) return null;
    const { config, document } = extendSignatures(current, missing);
    const isMissing = current === null;
    const blobs = [config, ...missing.map(({ bytes }) => bytes)];
    await Promise.all(blobs.map((bytes) => putBlob(client, { repository, bytes }, { ...options, isMissing })));
    return document;
  };
  const immutableHint = 'Let .sig tags be moved in this repository, or sign with the bundle format alone.';
  const rewritten = await rewriteTag(client, { repository, tag, what: 'signatures', merge, immutableHint }, options);
  return { status: rewritten.status, digest: rewritten.document.digest };
}
