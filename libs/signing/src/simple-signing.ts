// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';

/** The bytes that a `.sig` layer holds and signs, as cosign writes them ("simple signing", containers/image). */
export function simpleSigningPayload(dockerReference: string, digest: Digest): Buffer {
  const critical = {
    identity: { 'docker-reference': dockerReference },
    image: { 'docker-manifest-digest': digest },
    type: 'cosign container image signature',
  };
  return Buffer.from(JSON.stringify({ critical, optional: null }));
}
