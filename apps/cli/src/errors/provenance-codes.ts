// SPDX-License-Identifier: Apache-2.0
import type { ProvenanceRefusalCode } from '@promograph/provenance';
import type { ErrorExplanation } from './error-explanation.ts';

const ASK_BUILD = 'Compare the provenance of the image with `provenance:` in the promoter-manifest.yaml of its source.';

function refused(title: string, cause: string, remedy = ASK_BUILD): ErrorExplanation {
  return { outcome: 'refused', title, cause, remedy };
}

type ProvenanceCode = Exclude<ProvenanceRefusalCode, 'EVIDENCE_LIMIT'> | 'PROVENANCE_UNREAD_POLICY';

/** Why the provenance of an image does not satisfy a policy. `EVIDENCE_LIMIT` is told with the verdicts. */
export const PROVENANCE_CODES: Readonly<Record<ProvenanceCode, ErrorExplanation>> = {
  PROVENANCE_ABSENT: refused(
    'There is no build provenance',
    'A policy demands SLSA provenance, and none was found as referrer or `.att` tag.',
    'Let the build attest provenance, and push the attestation beside the image.',
  ),
  PROVENANCE_SIGNATURE: refused(
    'The provenance is not signed, or its signature does not verify',
    'Only provenance whose signature verifies against the trusted root counts.',
    'Let the build sign its provenance.',
  ),
  PROVENANCE_SIGNER: refused(
    'Another identity signed the provenance',
    'The signer is none of `signers` of the policy.',
  ),
  PROVENANCE_SUBJECT: refused(
    'The provenance is about another image',
    'No subject of the statement has the digest that the provenance hangs on.',
  ),
  PROVENANCE_MALFORMED: refused(
    'The provenance cannot be read',
    'It is not what its predicate type says, or fields that the policy needs are missing or ambiguous.',
    'Let the build write SLSA provenance 1.0 or 0.2.',
  ),
  PROVENANCE_BUILDER: refused('Another builder built the image', 'The builder is none of `builders` of the policy.'),
  PROVENANCE_BINDING: refused(
    'The signer may not speak for the builder',
    'The provenance claims a builder that the identity which signed it is not bound to.',
  ),
  PROVENANCE_SOURCE: refused('The image was built from another source', 'The repository is none of `sources`.'),
  PROVENANCE_INCOMPLETE: refused(
    'The provenance lacks what the level demands',
    'A control of the SLSA level that the policy asks for does not pass: an invocation id or a builder identity, say.',
  ),
  PROVENANCE_CALLER: refused(
    'Another workflow called the builder',
    'The calling workflow, its repository or its ref is not what `caller` of the builder allows.',
  ),
  PROVENANCE_LEVEL: refused(
    'The SLSA build level is too low',
    'The level that was reached, bounded by what its builder is trusted for, is below the one that the policy asks for.',
  ),
  PROVENANCE_TAMPERED: refused(
    'The provenance was tampered with',
    'It speaks in the name of a trusted signer and does not verify. This refuses also where no policy demands provenance.',
    'Do not promote the image. Find out who wrote the attestation.',
  ),
  PROVENANCE_UNREAD_POLICY: refused(
    'A manifest that may hold a policy cannot be used',
    'A policy applies to every image below its source registry, whichever project names it. A promoter-manifest.yaml of the tree has errors and speaks of provenance, so nobody can say whether it applies.',
    'Mend that manifest: `promograph validate` tells where it is wrong.',
  ),
  PREDICATE_ABSENT: refused(
    'An attestation that the policy demands is missing',
    'A type of `predicateTypes` is not attested by a signer of the policy.',
  ),
  EVIDENCE_UNREADABLE: refused(
    'Evidence could not be read',
    'The registry did not give an attestation that is listed. What cannot be read satisfies nothing.',
    'Run again; if it stays so, look at the registry.',
  ),
};
