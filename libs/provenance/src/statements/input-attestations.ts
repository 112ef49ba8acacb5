// SPDX-License-Identifier: Apache-2.0
import { digestAlgorithm, digestHex } from '@promograph/oci';
import type { AcceptedEvidence, PolicyResult } from '../policy/policy-result.ts';
import { digestSet } from './own-statement.ts';
import type { SummarySource } from './summary-outcome.ts';

/** An attestation that a summary rests on, as SLSA writes it. */
export interface InputAttestation {
  readonly uri: string;
  readonly digest: Readonly<Record<string, string>>;
}

/**
 * The attestations that the policies accepted, each once, sorted. A referrer is named by its digest and its bundle's, which
 * stay the same when it is carried; an `.att` layer by its tag and the digest of the statement, without which it is left out.
 */
export function inputAttestations(sources: readonly SummarySource[]): readonly InputAttestation[] {
  const inputs = new Map<string, InputAttestation>();
  for (const { repository, results } of sources) {
    for (const evidence of results.flatMap(acceptedBy)) {
      const input = inputOf(repository, evidence);
      if (input !== null) inputs.set(JSON.stringify(input), input);
    }
  }
  return [...inputs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, input]) => input);
}

function acceptedBy(result: PolicyResult | null): readonly AcceptedEvidence[] {
  if (result === null) return [];
  const below = result.isThroughChildren ? result.children.flatMap((child) => acceptedBy(child.result)) : [];
  return [...result.accepted, ...below];
}

function inputOf(repository: string, evidence: AcceptedEvidence): InputAttestation | null {
  const { layout, location, layer, attachedTo, payload } = evidence;
  if (layout === 'bundle') {
    const [algorithm = '', hex = ''] = layer.split(':');
    return { uri: location, digest: { [algorithm]: hex } };
  }
  if (payload === null) return null;
  const tag = `${digestAlgorithm(attachedTo)}-${digestHex(attachedTo)}.att`;
  return { uri: `${repository}:${tag}`, digest: digestSet(payload) };
}
