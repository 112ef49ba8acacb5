// SPDX-License-Identifier: Apache-2.0
import type { TagLeaseStore } from '@promograph/limiter';
import type { Digest, Repository } from '@promograph/oci';
import type { CallOptions, RegistryClient } from '@promograph/registry';
import type { SignatureStore } from '../signature-store.ts';
import { BundleWriter } from './bundle-writer.ts';
import { DEFAULT_EVIDENCE_LIMITS, type EvidenceLimits } from './evidence-limits.ts';
import { EvidenceReader } from './evidence-reader.ts';
import { evidenceLease } from './evidence-tags.ts';
import { addSignatures } from './signature-writer.ts';

/** What a signature store is made of. */
export interface SignatureStoreOptions {
  readonly client: RegistryClient;
  /** Keeps two writers of one image's evidence apart, as far as its scope goes. */
  readonly leases: TagLeaseStore;
  readonly limits?: Partial<EvidenceLimits>;
  /** For the date in the manifests of bundles. */
  readonly now?: () => Date;
}

/**
 * The store over registries: `.sig` and `.att` images as cosign lays them out, bundles as referrers of OCI 1.1. Errors: those
 * of the registry, `LEASE_HELD`, and `SIGNING_STORE` where evidence cannot be written.
 */
export function createSignatureStore(options: SignatureStoreOptions): SignatureStore {
  const { client, leases } = options;
  const reader = new EvidenceReader(client, { ...DEFAULT_EVIDENCE_LIMITS, ...options.limits });
  const bundles = new BundleWriter(client, options.now ?? ((): Date => new Date()));
  const held = async <Value>(lease: Lease, write: () => Promise<Value>): Promise<Value> => {
    const name = evidenceLease(lease.repository, lease.subject);
    await using _lease = await leases.acquire(name, lease.subject, lease.call.signal);
    return await write();
  };
  const writing = (call: CallOptions): CallOptions => ({ priority: 'manifest', ...call });
  return {
    gather: (...[repository, subject, request, call = {}]) =>
      reader.gather({ repository, subject, options: call }, request),
    gatherExact: (...[repository, subject, digests, call = {}]) =>
      reader.gatherExact({ repository, subject, options: call }, digests),
    listEvidence: (...[repository, subject, request, call = {}]) =>
      reader.list({ repository, subject, options: call }, request),
    addSignatures: (...[repository, subject, layers, call = {}]) =>
      held({ repository, subject, call }, () => addSignatures(client, { repository, subject, layers }, writing(call))),
    attachBundle: (...[repository, subject, bundle, call = {}]) =>
      held({ repository, subject: subject.digest, call }, () =>
        bundles.attach({ repository, options: writing(call) }, subject, bundle),
      ),
    carryBundle: (...[repository, subject, referrer, call = {}]) =>
      held({ repository, subject, call }, () =>
        bundles.carry({ repository, options: writing(call) }, subject, referrer),
      ),
  };
}

interface Lease {
  readonly repository: Repository;
  readonly subject: Digest;
  readonly call: CallOptions;
}
