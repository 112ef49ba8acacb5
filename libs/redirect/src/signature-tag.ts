// SPDX-License-Identifier: Apache-2.0

const SIGNATURE_TAG = /^(?:sha256-[0-9a-f]{64}|sha512-(?:[0-9a-f]{64}|[0-9a-f]{128}))(?:\.[A-Za-z0-9._-]*)?$/;

/**
 * Whether a tag names what belongs to a digest: cosign's `sha256-<hex>.sig`, `.att`, `.sbom`, any other suffix, and the
 * tag without suffix where registries without a referrers API keep their list (distribution-spec, "Referrers Tag Schema",
 * which cuts a sha512 after 64 digits).
 */
export function isSignatureTag(tag: string): boolean {
  return tag.startsWith('sha') && SIGNATURE_TAG.test(tag);
}
