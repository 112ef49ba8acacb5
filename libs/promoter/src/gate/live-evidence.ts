// SPDX-License-Identifier: Apache-2.0
import { parseRepository } from '@promograph/oci';
import type { Observations } from '@promograph/plan';
import type { CallOptions, RegistryClient } from '@promograph/registry';
import { type EvidenceRequest, type SignatureStore } from '@promograph/signing';
import { childrenOf } from './gate-children.ts';
import type { DueDigest, EvidenceSource, EvidenceWants } from './gate-ports.ts';

/** What live evidence is read with. */
export interface LiveEvidenceOptions {
  readonly store: SignatureStore;
  readonly client: RegistryClient;
  /** What the plan's reads showed: tags of listed repositories need not be asked for, nor media types. */
  readonly seen: Observations;
  readonly signal: AbortSignal | undefined;
}

/** Reads evidence from the source registries, each digest with as few requests as what was seen already leaves. */
export function liveEvidence(options: LiveEvidenceOptions): EvidenceSource {
  const { store } = options;
  const calling = callOptions(options);
  return {
    read: (due, wants) =>
      store.gather(parseRepository(due.source), due.digest, evidenceRequest(due, wants, options.seen), calling),
    childrenOf: (due, levels) => childrenOf(due, levels, options),
  };
}

/** What to ask for: a tag that a complete listing does not have is not asked for again. */
export function evidenceRequest(
  { source, digest }: DueDigest,
  wants: EvidenceWants,
  seen: Observations,
): EvidenceRequest {
  const observed = seen.get(source);
  const isListed = observed?.isListed === true;
  const mayHave = (suffix: '.sig' | '.att' | ''): boolean =>
    !isListed || observed.tags.has(`${digest.replace(':', '-')}${suffix}`);
  return {
    signatures: wants.signatures && mayHave('.sig'),
    attestations: wants.attestations && mayHave('.att'),
    referrers: wants.signatures || wants.attestations,
    fallbackTag: mayHave(''),
  };
}

function callOptions({ signal }: Pick<LiveEvidenceOptions, 'signal'>): CallOptions {
  return signal === undefined ? {} : { signal };
}
