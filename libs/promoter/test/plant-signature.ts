// SPDX-License-Identifier: Apache-2.0
import { createMemoryLeaseStore, createMemoryLimiter } from '@promograph/limiter';
import { parseDigest, parseRepository } from '@promograph/oci';
import { ANONYMOUS, createRegistryClient, profileOf } from '@promograph/registry';
import { createSignatureStore, SIGNATURE_ANNOTATION } from '@promograph/signing';

/** Puts beside an image what is to be examined as a signature, and is none: without it no trust is needed at all. */
export async function plantSignature(repository: string, digest: string): Promise<void> {
  const limiter = createMemoryLimiter({ capFor: () => null });
  const client = createRegistryClient({ limiter, profileFor: (host) => profileOf(host), credentials: ANONYMOUS });
  const store = createSignatureStore({ client, leases: createMemoryLeaseStore() });
  const layer = { bytes: Buffer.from('{}'), annotations: { [SIGNATURE_ANNOTATION]: 'AAAA' } };
  await store.addSignatures(parseRepository(repository), parseDigest(digest), [layer]);
  await client.close();
}
