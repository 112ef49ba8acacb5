// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import type { EvidencePlace, Examination, Statement } from '@promograph/signing';
import { BUILD_PROVENANCE_TYPES } from './build-provenance.ts';
import { claimedStatement } from './claimed-statement.ts';
import type { AcceptedEvidence, ImageEvidence } from './policy-result.ts';
import { isAbout } from './statement-subject.ts';

/** An attestation where it was found. Image signatures are not among them. */
export interface FoundAttestation {
  /** The digest that it is attached to, which need not be one that it speaks of. */
  readonly attachedTo: Digest;
  readonly examination: Examination;
  /** Proven when the examination is `verified`, otherwise only claimed. */
  readonly statement: Statement | null;
}

/** All attestations of an image and its platform images, in an order that depends on what they are only. */
export function findAttestations(image: ImageEvidence): readonly FoundAttestation[] {
  return [image, ...image.children]
    .flatMap(({ digest, examinations }) => examinations.map((examination) => found(digest, examination)))
    .filter(({ examination }) => examination.piece.layout !== 'sig')
    .sort((a, b) => compare(sortKey(a), sortKey(b)));
}

/** Whether the attestation is, or claims to be, build provenance that concerns `digest`: attached to it, or about it. */
export function isProvenanceOf(attestation: FoundAttestation, digest: Digest): boolean {
  const { statement, attachedTo, examination } = attestation;
  const annotated = examination.piece.layout === 'bundle' ? examination.piece.annotatedType : null;
  const type = statement?.predicateType ?? (examination.status === 'verified' ? null : annotated);
  if (type === null || !BUILD_PROVENANCE_TYPES.includes(type)) return false;
  return attachedTo === digest || (statement !== null && isAbout(statement, digest));
}

/** Which layout, and where, for messages. */
export function printPlace(place: EvidencePlace): string {
  return `${place.layout === 'att' ? 'attestation tag' : 'referrer'} ${place.location}`;
}

/** The attestation as results name it. */
export function acceptedEvidence({ attachedTo, examination, statement }: FoundAttestation): AcceptedEvidence {
  const payload = claimedStatement(examination.piece)?.payload ?? null;
  return { ...examination.place, attachedTo, predicateType: statement?.predicateType ?? '', payload };
}

function found(attachedTo: Digest, examination: Examination): FoundAttestation {
  const statement =
    examination.status === 'verified' ? examination.statement : claimedStatement(examination.piece)?.statement;
  return { attachedTo, examination, statement: statement ?? null };
}

function sortKey({ attachedTo, examination: { place } }: FoundAttestation): string {
  return [place.location, place.layer, place.layout, attachedTo].join('\n');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
