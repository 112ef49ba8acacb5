// SPDX-License-Identifier: Apache-2.0
import type { ReceiptReason } from '@promograph/report';
import type { ErrorExplanation } from './error-explanation.ts';

/** Why an edge is not promoted, as `reason` or action of a plan names it. */
export const REFUSALS: Readonly<Record<ReceiptReason | 'lost', ErrorExplanation>> = {
  'tag-move': {
    outcome: 'refused',
    title: 'The tag at the destination points to another digest',
    cause:
      'Someone pushed or promoted another image under this tag, or the manifest was changed to another digest. Tags are never moved.',
    remedy: 'Promote the new digest under a new tag, or put the old digest back into images.yaml.',
  },
  overlap: {
    outcome: 'refused',
    title: 'Several digests claim the same tag at the same destination',
    cause:
      'Two entries of the manifests, of one project or of several, name different digests for it. None of them is promoted.',
    remedy: 'Keep one: the places of all of them are in the plan.',
  },
  'unsupported-media-type': {
    outcome: 'refused',
    title: 'The digest is something that cannot be promoted whole',
    cause: 'It, or something below it, is neither an image manifest nor an index of the Docker or OCI formats.',
    remedy: 'Push the artifact as an OCI image manifest.',
  },
  signature: {
    outcome: 'refused',
    title: 'The gate does not accept the signatures of the source',
    cause:
      'A signature in a trusted name is wrong, or `staging.signatures: require` is set and none of an accepted signer verifies.',
    remedy: 'Look up the code beside it. Signatures of strangers alone refuse nothing unless signatures are required.',
  },
  provenance: {
    outcome: 'refused',
    title: 'The provenance policy of the source is not satisfied',
    cause: 'A promoter manifest whose source this is, or lies below, requires provenance that the image does not have.',
    remedy: 'Look up the code beside it, and compare the provenance with `provenance:` of the promoter manifest.',
  },
  vulnerability: {
    outcome: 'refused',
    title: 'The vulnerability gate refuses the image',
    cause:
      'The scan found something at or above `scan.threshold`, or there is no finished scan and `scan.require` is set.',
    remedy: 'Build the image anew with fixes, or wait for the scan to finish; `promograph validate --live` asks again.',
  },
  lost: {
    outcome: 'partial',
    title: 'The source does not have the digest',
    cause:
      'It was deleted there (staging registries often expire images), never pushed, or the source registry is named wrongly.',
    remedy:
      'Push it again, take the entry out of images.yaml, or accept it in promograph-baseline.yaml with code lost-image.',
  },
};
