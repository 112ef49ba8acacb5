// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, type Digest, type ManifestDocument, digestAlgorithm, digestOf } from '@promograph/oci';
import type { Closure } from './copy-engine.ts';
import { RegistryError } from './registry-error.ts';

/**
 * Configs and layers of all images of a closure, each once; foreign ones are left out, their bytes live elsewhere. Throws
 * `REGISTRY_DIGEST_MISMATCH` for sizes that cannot be true, before any byte moves.
 */
export function closureBlobs(closure: Closure): readonly Descriptor[] {
  const blobs = new Map<Digest, Descriptor>();
  for (const document of closure.documents) {
    for (const blob of document.blobs) {
      if (blob.isForeign) continue;
      const twin = blobs.get(blob.digest);
      if (twin && twin.sizeBytes !== blob.sizeBytes) throw impossible(document, blob, `and ${twin.sizeBytes}`);
      // An empty body ends before anything was hashed, so it is checked here.
      const isEmpty = digestOf('', digestAlgorithm(blob.digest)) === blob.digest;
      if (isEmpty !== (blob.sizeBytes === 0)) throw impossible(document, blob, 'against its digest');
      blobs.set(blob.digest, blob);
    }
  }
  return [...blobs.values()];
}

/** Documents in steps: all of one step may be written at once, each step only after the one before. */
export function closureSteps(closure: Closure): readonly (readonly ManifestDocument[])[] {
  const heights = new Map<Digest, number>();
  const steps: ManifestDocument[][] = [];
  for (const document of closure.documents) {
    const below = document.children.map(({ digest }) => heights.get(digest) ?? 0);
    const height = below.length === 0 ? 0 : Math.max(...below) + 1;
    heights.set(document.digest, height);
    (steps[height] ??= []).push(document);
  }
  return steps;
}

function impossible(document: ManifestDocument, blob: Descriptor, what: string): RegistryError {
  const size = `blob ${blob.digest} is given ${blob.sizeBytes} bytes ${what}`;
  return new RegistryError('REGISTRY_DIGEST_MISMATCH', `manifest ${document.digest}: ${size}`);
}
