// SPDX-License-Identifier: Apache-2.0
import { parseRepository } from '@promograph/oci';
import { gateProvenance, platformChildren, policiesFor, type ExaminedEvidence } from '@promograph/provenance';
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
 * Promoted images whose provenance, as it was carried to the canonical repository, does not satisfy a policy that requires it
 * today. Images that no such policy applies to are not asked about.
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
  const applied = image.source === null ? [] : policiesFor(parseRepository(image.source), ports.projects);
  const policies = applied.filter(({ policy }) => policy.mode === 'require');
  if (policies.length === 0) return null;
  ports.signal?.throwIfAborted();
  const { repository, digest, tags, reference } = image;
  const own = await evidenceOf(image, ports);
  const document = await ports.client.getManifest(parseRepository(repository), digest, callOptions(ports));
  const below = document === null ? [] : platformChildren(document);
  const children = await Promise.all(
    below.map(async (child) => ({
      digest: child.digest,
      found: await evidenceOf({ ...image, digest: child.digest }, ports),
    })),
  );
  const { refusal } = gateProvenance({ digest, own, children, policies });
  if (refusal === null) return null;
  return { kind: 'stale-policy', repository, digest, tags, reference, message: `${refusal.code}: ${refusal.message}` };
}

async function evidenceOf(
  { repository, digest }: Pick<PromotedImage, 'repository' | 'digest'>,
  ports: StalePolicyPorts,
): Promise<ExaminedEvidence> {
  const request = { signatures: false, attestations: true, referrers: true };
  const evidence = await ports.store.gather(parseRepository(repository), digest, request, callOptions(ports));
  return examineEvidence(evidence, ports.examiner);
}

function callOptions({ signal }: Pick<StalePolicyPorts, 'signal'>): CallOptions {
  return signal === undefined ? {} : { signal };
}
