// SPDX-License-Identifier: Apache-2.0
import { errorMessage } from '@promograph/errors';
import { type Digest, parseRepository } from '@promograph/oci';
import { type ExaminedEvidence, isRecordFor } from '@promograph/provenance';
import type { ReportedVerdict, VerifyFinding, VerifyFindingKind } from '@promograph/report';
import { type Evidence, type Examination, type ImageVerdict, judgeImage, type VerdictCode } from '@promograph/signing';
import { evidenceRequest } from '../gate/live-evidence.ts';
import { reportedVerdict } from '../gate/reported-verdict.ts';
import { examineEvidence } from '../trust/examine-evidence.ts';
import { hasStatement } from '../trust/has-statement.ts';
import type { OwnSignatures, TrustPorts } from '../trust/trust-ports.ts';
import { ImageChildren, type ImageChildrenPorts } from './image-children.ts';

/** A promoted image: where it lies, and the name that its signature must carry. */
export interface PromotedImage {
  /** `host/path`. */
  readonly repository: string;
  readonly digest: Digest;
  readonly tags: readonly string[];
  readonly reference: string;
  /** Repository that the manifests take it from; null where it was named by hand. */
  readonly source: string | null;
  /** As the registry told it; `''` where it did not. */
  readonly mediaType: string;
}

/** What images are held against. */
export interface VerifyExpectation {
  readonly own: OwnSignatures;
  /** Predicate type of the promotion record that there must be; null where none is expected. */
  readonly recordType: string | null;
}

/** What images are examined with. */
export interface VerifyImagePorts
  extends Pick<TrustPorts, 'store' | 'examiner' | 'signal'>, Omit<ImageChildrenPorts, 'signal'> {}

/** Holds images and everything below them against what is expected; a child of several indexes is read once. */
export class ImageVerifier {
  readonly #expectation: VerifyExpectation;
  readonly #ports: VerifyImagePorts;
  readonly #children: ImageChildren;
  readonly #verdicts = new Map<string, Promise<ImageVerdict>>();

  constructor(expectation: VerifyExpectation, ports: VerifyImagePorts) {
    this.#expectation = expectation;
    this.#ports = ports;
    this.#children = new ImageChildren(ports);
  }

  /**
   * What is wrong with the signature and the record of one image, and with the signature of each child; empty when nothing is.
   * What cannot be read is a finding of its own. Rejects only when cancelled.
   */
  async verify(image: PromotedImage): Promise<readonly VerifyFinding[]> {
    const own = await this.#orUnreadable(image, () => this.#verifyOwn(image));
    if (own.some(({ kind }) => kind === 'unreadable')) return own;
    return [...own, ...(await this.#orUnreadable(image, () => this.#verifyChildren(image)))];
  }

  async #verifyOwn(image: PromotedImage): Promise<readonly VerifyFinding[]> {
    const { own, recordType } = this.#expectation;
    const { evidence, examinations } = await this.#examined(image);
    const findings = [signatureFinding(image, this.#judged(image, { evidence, examinations }))];
    if (recordType !== null) findings.push(recordFinding(image, { examinations, own, recordType, evidence }));
    return findings.filter((finding) => finding !== null);
  }

  async #verifyChildren(image: PromotedImage): Promise<readonly VerifyFinding[]> {
    const children = await this.#children.of(image);
    const findings = await Promise.all(
      children.map(({ digest, isThere }) => {
        const child = { ...image, digest, tags: [], index: image.digest };
        return this.#orUnreadable(child, async () => {
          if (!isThere) return [{ ...about(child), kind: 'missing' as const, message: 'its index names it' }];
          return [signatureFinding(child, await this.#childVerdict(child))].filter((finding) => finding !== null);
        });
      }),
    );
    return findings.flat();
  }

  #childVerdict(child: PromotedImage): Promise<ImageVerdict> {
    const key = `${child.repository}@${child.digest}`;
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const judging = this.#examined(child).then((found) => this.#judged(child, found));
    this.#verdicts.set(key, judging);
    return judging;
  }

  async #examined({ repository, digest }: PromotedImage): Promise<ExaminedEvidence> {
    const { store, examiner, seen, signal } = this.#ports;
    const wants = { signatures: true, attestations: false };
    const request = { ...evidenceRequest({ source: repository, digest }, wants, seen), referrers: true };
    const options = signal === undefined ? {} : { signal };
    return examineEvidence(await store.gather(parseRepository(repository), digest, request, options), examiner);
  }

  #judged({ digest, reference }: PromotedImage, { evidence, examinations }: ExaminedEvidence): ImageVerdict {
    const { signers } = this.#expectation.own;
    return judgeImage(examinations, evidence, { subject: digest, signers, reference });
  }

  async #orUnreadable(of: FoundAt, look: () => Promise<readonly VerifyFinding[]>): Promise<readonly VerifyFinding[]> {
    const { signal } = this.#ports;
    signal?.throwIfAborted();
    try {
      return await look();
    } catch (error) {
      signal?.throwIfAborted();
      return [{ ...about(of), kind: 'unreadable', message: errorMessage(error) }];
    }
  }
}

/** What a finding is about: an image, or a child with its index. */
type FoundAt = PromotedImage & { readonly index?: Digest };

function signatureFinding(image: FoundAt, verdict: ImageVerdict): VerifyFinding | null {
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

function about({ repository, digest, tags, reference, index }: FoundAt): Omit<VerifyFinding, 'kind' | 'message'> {
  return { repository, digest, tags, reference, ...(index !== undefined && { index }) };
}

function evidenceOf(evidence: readonly ReportedVerdict[]): { readonly evidence?: readonly ReportedVerdict[] } {
  return evidence.length === 0 ? {} : { evidence };
}
