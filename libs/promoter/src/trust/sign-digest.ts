// SPDX-License-Identifier: Apache-2.0
import type { SignatureFormat } from '@promograph/manifest';
import { type Descriptor, type ManifestDocument, parseRepository } from '@promograph/oci';
import { printStatement, signStatement } from '@promograph/provenance';
import type { WrittenEvidence } from '@promograph/report';
import {
  type Evidence,
  type Examination,
  judgeSignature,
  SIGN_PREDICATE_TYPE,
  SigningError,
  simpleSigningPayload,
} from '@promograph/signing';
import type { CanonicalPlace } from './canonical-repositories.ts';
import type { OwnSignatures, TrustPorts } from './trust-ports.ts';

/** A digest to be signed, and where. */
export interface SigningTarget {
  readonly place: CanonicalPlace;
  readonly document: ManifestDocument;
}

/** What lies beside a digest, examined. */
export interface KnownEvidence {
  readonly evidence: Evidence;
  readonly examinations: readonly Examination[];
}

/** Reads and examines what the canonical repository holds about a digest. Error: `SIGNING_STORE` above the limits. */
export async function readOwnEvidence({ place, document }: SigningTarget, ports: TrustPorts): Promise<KnownEvidence> {
  const options = { priority: 'manifest', ...(ports.signal && { signal: ports.signal }) } as const;
  const repository = parseRepository(place.repository);
  const request = { signatures: true, attestations: false, referrers: true };
  const evidence = await ports.store.gather(repository, document.digest, request, options);
  if (evidence.excess !== null) {
    throw new SigningError('SIGNING_STORE', `${place.repository}@${document.digest}: ${evidence.excess}`, {
      hint: 'Remove what does not belong there: beyond the limits nothing can be concluded.',
    });
  }
  const examinations = await Promise.all(
    evidence.pieces.map((piece) => ports.examiner.examine(piece, place.repository)),
  );
  return { evidence, examinations };
}

/** Layouts in which a verified signature of ours, for this reference, is missing. */
export function missingFormats(
  target: SigningTarget,
  { examinations }: KnownEvidence,
  own: OwnSignatures,
): readonly SignatureFormat[] {
  const expectation = { subject: target.document.digest, signers: own.signers, reference: target.place.reference };
  const verified = examinations.filter((examination) => judgeSignature(examination, expectation).kind === 'verified');
  const layouts = new Set(verified.map(({ piece }) => (piece.layout === 'sig' ? 'legacy' : 'bundle')));
  return own.formats.filter((format) => !layouts.has(format));
}

/** Signs in the layouts given and writes them. The bundle comes first: beside any other bundle cosign wants to find it. */
export async function writeSignatures(
  target: SigningTarget,
  formats: readonly SignatureFormat[],
  ports: TrustPorts,
): Promise<readonly WrittenEvidence[]> {
  const written: WrittenEvidence[] = [];
  if (formats.includes('bundle')) written.push(await writeBundle(target, ports));
  if (formats.includes('legacy')) written.push(await writeLegacy(target, ports));
  return written;
}

async function writeBundle({ place, document }: SigningTarget, ports: TrustPorts): Promise<WrittenEvidence> {
  const statement = signStatement({ reference: place.reference, digest: document.digest });
  const { bundle, log } = await ports.signer.signStatement(printStatement(statement), ports.signal);
  const outcome = await ports.store.attachBundle(
    parseRepository(place.repository),
    descriptorOf(document),
    { bytes: bundle, predicateType: SIGN_PREDICATE_TYPE },
    writing(ports),
  );
  return {
    layout: 'bundle',
    digest: outcome.digest,
    predicateType: SIGN_PREDICATE_TYPE,
    ...(log !== null && { log }),
  };
}

async function writeLegacy({ place, document }: SigningTarget, ports: TrustPorts): Promise<WrittenEvidence> {
  const payload = simpleSigningPayload(place.reference, document.digest);
  const { bytes, annotations, log } = await ports.signer.signPayload(payload, ports.signal);
  const repository = parseRepository(place.repository);
  const layers = [{ bytes, annotations }];
  const outcome = await ports.store.addSignatures(repository, document.digest, layers, writing(ports));
  return { layout: 'legacy', digest: outcome.digest, ...(log !== null && { log }) };
}

function writing({ signal }: TrustPorts): { readonly priority: 'commit'; readonly signal?: AbortSignal } {
  return { priority: 'commit', ...(signal && { signal }) };
}

/** A document as what a referrer names. */
export function descriptorOf({ digest, mediaType, bytes }: ManifestDocument): Descriptor {
  return {
    mediaType,
    digest,
    sizeBytes: bytes.byteLength,
    artifactType: null,
    platform: null,
    annotations: {},
    isForeign: false,
  };
}
