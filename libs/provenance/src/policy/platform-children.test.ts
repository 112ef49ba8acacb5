// SPDX-License-Identifier: Apache-2.0
import { type Digest, parseManifestDocument } from '@promograph/oci';
import { describe, expect, it } from 'vitest';
import { CHILD_A, CHILD_B, DIGEST } from '../evidence.testing.ts';
import { platformChildren } from '../index.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const ATTESTATION = { 'vnd.docker.reference.type': 'attestation-manifest' };
const unknown = { os: 'unknown', architecture: 'unknown' };
const child = (digest: Digest, extra: object): object => ({ mediaType: IMAGE, digest, size: 1, ...extra });
const childrenOf = (...manifests: object[]): readonly string[] =>
  platformChildren(
    parseManifestDocument(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests })), INDEX),
  ).map(({ digest }) => digest);

describe('platform images of an index', () => {
  it('are its images and indexes, each once', () => {
    const nested = { mediaType: INDEX, digest: CHILD_B, size: 1 };

    expect(childrenOf(child(CHILD_A, {}), nested, child(CHILD_A, {}))).toEqual([CHILD_A, CHILD_B]);
  });

  it('are not what BuildKit keeps its attestations in', () => {
    expect(childrenOf(child(CHILD_A, { annotations: ATTESTATION, platform: unknown }), child(CHILD_B, {}))).toEqual([
      CHILD_B,
    ]);
  });

  it('are also those that only pretend to be attestations, or only have no platform', () => {
    expect(
      childrenOf(
        child(CHILD_A, { annotations: ATTESTATION, platform: { os: 'linux', architecture: 'amd64' } }),
        child(CHILD_B, { platform: unknown }),
        { mediaType: 'application/octet-stream', digest: DIGEST, size: 1 },
      ),
    ).toEqual([CHILD_A, CHILD_B]);
  });
});
