// SPDX-License-Identifier: Apache-2.0
import { digestOf, parseDigest } from '@promograph/oci';
import { describe, expect, it } from 'vitest';
import { attestationTag, signatureTag } from './evidence-tags.ts';

describe('tags of cosign', () => {
  it('68. are the digest with a dash and a suffix', () => {
    const digest = digestOf('abc');
    const hex = digest.slice('sha256:'.length);

    expect([signatureTag(digest), attestationTag(digest)]).toEqual([`sha256-${hex}.sig`, `sha256-${hex}.att`]);
  });

  it('do not exist for sha512, whose name is longer than a tag may be', () => {
    const digest = parseDigest(`sha512:${'a'.repeat(128)}`);

    expect([signatureTag(digest), attestationTag(digest)]).toEqual([null, null]);
  });
});
