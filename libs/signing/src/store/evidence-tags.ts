// SPDX-License-Identifier: Apache-2.0
import { type Digest, isTag, printRepository, type Repository } from '@promograph/oci';

/** Tag of the cosign image that holds the signatures of `subject`; null for sha512, whose name is longer than a tag may be. */
export function signatureTag(subject: Digest): string | null {
  return cosignTag(subject, 'sig');
}

/** Tag of the cosign image that holds the attestations about `subject`; null for sha512. */
export function attestationTag(subject: Digest): string | null {
  return cosignTag(subject, 'att');
}

function cosignTag(subject: Digest, suffix: 'sig' | 'att'): string | null {
  const tag = `${subject.replace(':', '-')}.${suffix}`;
  return isTag(tag) ? tag : null;
}

/** What is leased while evidence about `subject` is written: its `.sig` tag, its referrers and their fallback tag together. */
export function evidenceLease(repository: Repository, subject: Digest): string {
  return `${printRepository(repository)}@${subject}`;
}
