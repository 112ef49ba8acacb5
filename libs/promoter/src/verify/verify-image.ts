// SPDX-License-Identifier: Apache-2.0
import { type Digest, parseRepository } from '@promograph/oci';
import { isRecordFor } from '@promograph/provenance';
import type { ReportedVerdict, VerifyFinding, VerifyFindingKind } from '@promograph/report';
import { type Evidence, type Examination, type ImageVerdict, judgeImage, type VerdictCode } from '@promograph/signing';
import { reportedVerdict } from '../gate/reported-verdict.ts';
import { examineEvidence } from '../trust/examine-evidence.ts';
import { hasStatement } from '../trust/has-statement.ts';
import type { OwnSignatures, TrustPorts } from '../trust/trust-ports.ts';

/** A promoted image: where it lies, and the name that its signature must carry. */
export interface PromotedImage {
  /** `host/path`. */
  readonly repository: string;
  readonly digest: Digest;
  readonly tags: readonly string[];
  readonly reference: string;
  /** Repository that the manifests take it from; null where it was named by hand. */
  readonly source: string | null;
}

/** What images are held against. */
export interface VerifyExpectation {
  readonly own: OwnSignatures;
  /** Predicate type of the promotion record that there must be; null where none is expected. */
  readonly recordType: string | null;
}

/** What is wrong with the signature and the record of one image; empty when nothing is. */
export async function verifyImage(
  image: PromotedImage,
  { own, recordType }: VerifyExpectation,
  ports: Pick<TrustPorts, 'store' | 'examiner' | 'signal'>,
): Promise<readonly VerifyFinding[]> {
  const repository = parseRepository(image.repository);
  const request = { signatures: true, attestations: false, referrers: true };
  const options = ports.signal === undefined ? {} : { signal: ports.signal };
  const evidence = await ports.store.gather(repository, image.digest, request, options);
  const { examinations } = await examineEvidence(evidence, ports.examiner);
  const expectation = { subject: image.digest, signers: own.signers, reference: image.reference };
  const findings = [signatureFinding(image, judgeImage(examinations, evidence, expectation))];
  if (recordType !== null) findings.push(recordFinding(image, { examinations, own, recordType, evidence }));
  return findings.filter((finding) => finding !== null);
}

function signatureFinding(image: PromotedImage, verdict: ImageVerdict): VerifyFinding | null {
  if (verdict.kind === 'verified') return null;
  const evidence = verdict.pieces.map(reportedVerdict);
  const kind = verdict.kind === 'absent' ? 'unsigned' : (KINDS[verdict.code ?? 'SIG_CRYPTO'] ?? 'tampered');
  const message = verdict.kind === 'absent' ? 'no signature of ours' : verdict.message;
  return { ...about(image), kind, message, ...evidenceOf(evidence) };
}

/** What a verdict other than verified means for a promoted image; anything else was tampered with. */
const KINDS: Partial<Readonly<Record<VerdictCode, VerifyFindingKind>>> = {
  SIG_PAYLOAD_DIGEST: 'wrong-subject',
  STMT_SUBJECT: 'wrong-subject',
  SIG_REFERENCE: 'wrong-reference',
  SIG_IDENTITY: 'foreign-signer',
  SIG_ISSUER: 'foreign-signer',
  SIG_KEY: 'foreign-signer',
};

interface RecordSearch {
  readonly examinations: readonly Examination[];
  readonly own: OwnSignatures;
  readonly recordType: string;
  readonly evidence: Evidence;
}

function recordFinding(image: PromotedImage, search: RecordSearch): VerifyFinding | null {
  const { examinations, own, recordType, evidence } = search;
  if (evidence.excess !== null) return null;
  const subject = { reference: image.reference, digest: image.digest };
  const isThere = hasStatement(examinations, {
    subject,
    signers: own.signers,
    predicateType: recordType,
    isOurs: (statement) => isRecordFor(statement, subject, recordType),
  });
  if (isThere) return null;
  return { ...about(image), kind: 'no-record', message: `no promotion record of ours (${recordType})` };
}

function about({ repository, digest, tags, reference }: PromotedImage): Omit<VerifyFinding, 'kind' | 'message'> {
  return { repository, digest, tags, reference };
}

function evidenceOf(evidence: readonly ReportedVerdict[]): { readonly evidence?: readonly ReportedVerdict[] } {
  return evidence.length === 0 ? {} : { evidence };
}
