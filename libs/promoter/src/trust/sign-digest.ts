// SPDX-License-Identifier: Apache-2.0
import type { SignatureFormat } from '@promograph/manifest';
import { type ManifestDocument, parseRepository } from '@promograph/oci';
import { type ExaminedEvidence, signStatement, type StatementTarget } from '@promograph/provenance';
import type { WrittenEvidence } from '@promograph/report';
import { judgeSignature, type SignatureLayer, SigningError, simpleSigningPayload } from '@promograph/signing';
import type { CanonicalPlace } from './canonical-repositories.ts';
import { examineEvidence } from './examine-evidence.ts';
import type { OwnSignatures, TrustPorts } from './trust-ports.ts';
import { writeStatement, writing } from './write-statement.ts';

/** A digest to be signed, and where. */
export interface SigningTarget {
  readonly place: CanonicalPlace;
  readonly document: ManifestDocument;
}

/** Beside it what the gate verified of the source's `.sig` tag: it goes into the same image, before ours. */
export interface StagedTarget extends SigningTarget {
  readonly staged: readonly SignatureLayer[];
}

/** What a statement about the target speaks of. */
export function subjectOf({ place, document }: SigningTarget): StatementTarget {
  return { reference: place.reference, digest: document.digest };
}

/** Reads and examines what the canonical repository holds about a digest. Error: `SIGNING_STORE` above the limits. */
export async function readOwnEvidence(
  { place, document }: SigningTarget,
  ports: TrustPorts,
): Promise<ExaminedEvidence> {
  const options = { priority: 'manifest', ...(ports.signal && { signal: ports.signal }) } as const;
  const repository = parseRepository(place.repository);
  const request = { signatures: true, attestations: false, referrers: true };
  const evidence = await ports.store.gather(repository, document.digest, request, options);
  if (evidence.excess !== null) {
    throw new SigningError('SIGNING_STORE', `${place.repository}@${document.digest}: ${evidence.excess}`, {
      hint: 'Remove what does not belong there: beyond the limits nothing can be concluded.',
    });
  }
  return examineEvidence(evidence, ports.examiner);
}

/** Layouts in which a verified signature of ours, for this reference, is missing. */
export function missingFormats(
  target: SigningTarget,
  { examinations }: ExaminedEvidence,
  own: OwnSignatures,
): readonly SignatureFormat[] {
  const expectation = { subject: target.document.digest, signers: own.signers, reference: target.place.reference };
  const verified = examinations.filter((examination) => judgeSignature(examination, expectation).kind === 'verified');
  const layouts = new Set(verified.map(({ piece }) => (piece.layout === 'sig' ? 'legacy' : 'bundle')));
  return own.formats.filter((format) => !layouts.has(format));
}

/** Signs in the layouts given and writes them. The bundle comes first: beside any other bundle cosign wants to find it. */
export async function writeSignatures(
  target: StagedTarget,
  formats: readonly SignatureFormat[],
  ports: TrustPorts,
): Promise<readonly WrittenEvidence[]> {
  const written: WrittenEvidence[] = [];
  if (formats.includes('bundle')) written.push(await writeStatement(target, signStatement(subjectOf(target)), ports));
  if (formats.includes('legacy')) written.push(await writeLegacy(target, ports));
  return written;
}

async function writeLegacy({ place, document, staged }: StagedTarget, ports: TrustPorts): Promise<WrittenEvidence> {
  const payload = simpleSigningPayload(place.reference, document.digest);
  const { bytes, annotations, log } = await ports.signer.signPayload(payload, ports.signal);
  const repository = parseRepository(place.repository);
  const layers = [...staged, { bytes, annotations }];
  const outcome = await ports.store.addSignatures(repository, document.digest, layers, writing(ports.signal));
  return { layout: 'legacy', digest: outcome.digest, ...(log !== null && { log }) };
}
