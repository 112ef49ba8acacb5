// SPDX-License-Identifier: Apache-2.0
import { type Digest, parseRepository } from '@promograph/oci';
import {
  type AppliedPolicy,
  type ExaminedEvidence,
  gateProvenance,
  platformChildren,
  policiesFor,
  type ProvenanceGate,
} from '@promograph/provenance';
import type { Project } from '@promograph/manifest';
import type { CallOptions, RegistryClient } from '@promograph/registry';
import type { VerifyFinding } from '@promograph/report';
import pLimit from 'p-limit';
import { examineEvidence } from '../trust/examine-evidence.ts';
import type { TrustPorts } from '../trust/trust-ports.ts';
import type { PromotedImage } from './verify-image.ts';

/** Images looked at once. */
const IMAGES_AT_ONCE = 64;

/** What today's policies are evaluated with. */
export interface StalePolicyPorts extends Pick<TrustPorts, 'store' | 'examiner' | 'signal'> {
  readonly client: RegistryClient;
  /** All projects of the tree: the policies of every one apply. */
  readonly projects: readonly Project[];
}

/**
 * Promoted images whose provenance does not satisfy a policy that requires it today, neither as it was carried to the canonical
 * repository nor at its source: what lies beside the children of an index, or in an `.att` image, is never carried. Images that
 * no such policy applies to are not asked about.
 */
export async function stalePolicies(
  images: readonly PromotedImage[],
  ports: StalePolicyPorts,
): Promise<readonly VerifyFinding[]> {
  const limit = pLimit(IMAGES_AT_ONCE);
  const findings = await Promise.all(images.map((image) => limit(() => stalePolicy(image, ports))));
  return findings.filter((finding) => finding !== null);
}

async function stalePolicy(image: PromotedImage, ports: StalePolicyPorts): Promise<VerifyFinding | null> {
  const { source, repository, digest, tags, reference } = image;
  const applied = source === null ? [] : policiesFor(parseRepository(source), ports.projects);
  const policies = applied.filter(({ policy }) => policy.mode === 'require');
  if (source === null || policies.length === 0) return null;
  ports.signal?.throwIfAborted();
  const refusal = await refusalAt({ repository, digest, policies }, ports);
  if (refusal === null || (await isSatisfiedAt({ repository: source, digest, policies }, ports))) return null;
  return { kind: 'stale-policy', repository, digest, tags, reference, message: `${refusal.code}: ${refusal.message}` };
}

interface Place {
  readonly repository: string;
  readonly digest: Digest;
  readonly policies: readonly AppliedPolicy[];
}

/** A source that is gone, or cannot be read, satisfies nothing. */
async function isSatisfiedAt(place: Place, ports: StalePolicyPorts): Promise<boolean> {
  try {
    return (await refusalAt(place, ports)) === null;
  } catch {
    ports.signal?.throwIfAborted();
    return false;
  }
}

async function refusalAt(
  { repository, digest, policies }: Place,
  ports: StalePolicyPorts,
): Promise<ProvenanceGate['refusal']> {
  const own = await evidenceOf({ repository, digest }, ports);
  const document = await ports.client.getManifest(parseRepository(repository), digest, callOptions(ports));
  const below = document === null ? [] : platformChildren(document);
  const children = await Promise.all(
    below.map(async (child) => ({
      digest: child.digest,
      found: await evidenceOf({ repository, digest: child.digest }, ports),
    })),
  );
  return gateProvenance({ digest, own, children, policies }).refusal;
}

async function evidenceOf(
  { repository, digest }: Pick<Place, 'repository' | 'digest'>,
  ports: StalePolicyPorts,
): Promise<ExaminedEvidence> {
  const request = { signatures: false, attestations: true, referrers: true };
  const evidence = await ports.store.gather(parseRepository(repository), digest, request, callOptions(ports));
  return examineEvidence(evidence, ports.examiner);
}

function callOptions({ signal }: Pick<StalePolicyPorts, 'signal'>): CallOptions {
  return signal === undefined ? {} : { signal };
}
