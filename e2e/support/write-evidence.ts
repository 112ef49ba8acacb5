// SPDX-License-Identifier: Apache-2.0
// One of several writers of evidence about one image. Usage: node write-evidence.ts HOST DIGEST SIZE LEASES NAME COUNT
import { createMemoryLimiter, createSqliteLeaseStore } from '@promograph/limiter';
import { MEDIA_TYPES, parseDigest, parseRepository } from '@promograph/oci';
import { createRegistryClient, profileOf } from '@promograph/registry';
import { createSignatureStore, SIGNATURE_ANNOTATION } from '@promograph/signing';

const [host = '', digest = '', size = '', file = '', name = '', count = ''] = process.argv.slice(2);
const client = createRegistryClient({
  limiter: createMemoryLimiter({ capFor: () => null }),
  profileFor: (registry) => profileOf(registry),
  credentials: { find: async () => null },
});
const leases = createSqliteLeaseStore({ file, owner: name });
const store = createSignatureStore({ client, leases });
const repository = parseRepository(`${host}/app`);
const subject = {
  mediaType: MEDIA_TYPES.ociManifest,
  digest: parseDigest(digest),
  sizeBytes: Number(size),
  artifactType: null,
  platform: null,
  annotations: {},
  isForeign: false,
};
const numbers = Array.from({ length: Number(count) }, (_, index) => `${name}-${index}`);
await Promise.all(
  numbers.flatMap((number) => [
    store.attachBundle(repository, subject, {
      bytes: Buffer.from(JSON.stringify({ bundle: number })),
      predicateType: 'https://example.org/concurrent',
    }),
    store.addSignatures(repository, subject.digest, [
      { bytes: Buffer.from(JSON.stringify({ payload: number })), annotations: { [SIGNATURE_ANNOTATION]: number } },
    ]),
  ]),
);
leases.close();
await client.close();
