// SPDX-License-Identifier: Apache-2.0
import type { SignerPrincipal } from '../expected-signer.ts';
import type { VerdictCode } from '../verdict.ts';
import { type ExaminerOptions, createTrust } from './create-examiner.ts';
import { readBundle } from './read-bundle.ts';
import { readStatement } from './read-content.ts';
import { type Refusal, isRefusal, refuse } from './refusal.ts';
import { type SignedMaterial, hashOf } from './signed-material.ts';
import { verifyMaterial } from './verify-material.ts';

/** A file, or only its SHA-256. */
export type Artifact = { readonly bytes: Buffer } | { readonly sha256: Buffer };

/** Whether a bundle signs an artifact, and who signed. `code` is null exactly when it verifies. */
export interface ArtifactResult {
  readonly code: VerdictCode | null;
  readonly message: string;
  readonly signer: SignerPrincipal | null;
}

/**
 * Verifies a sigstore bundle over a file: a message signature, or a statement with the file among its subjects. Who may
 * sign is not asked: compare `signer`. Throws `SigningError` only for malformed roots and keys.
 */
export function verifyArtifactBundle(bundle: Buffer, artifact: Artifact, options: ExaminerOptions): ArtifactResult {
  const trust = createTrust(options);
  if (bundle.length > trust.limits.envelopeBytes) return refused(refuse('EVIDENCE_LIMIT', 'the bundle is too large'));
  const material = readBundle(bundle, artifact);
  if (isRefusal(material)) return refused(material);
  const { refusal, signer } = verifyMaterial(material, trust);
  const reason = refusal ?? checkSubject(material, artifact);
  return reason === null ? { code: null, message: '', signer } : { ...refused(reason), signer };
}

function checkSubject(material: SignedMaterial, artifact: Artifact): Refusal | null {
  const digest = 'bytes' in artifact ? hashOf('sha256', artifact.bytes) : artifact.sha256;
  const { content } = material.bundle;
  if (content.$case === 'messageSignature') {
    // A hint that nobody signed; wrong all the same.
    const isSame = content.messageSignature.messageDigest.digest.equals(digest);
    return isSame ? null : refuse('SIG_PAYLOAD_DIGEST', 'the bundle names the digest of another file');
  }
  const statement = readStatement(material);
  if (isRefusal(statement)) return statement;
  const isSubject = statement.subject.some((one) => one.digest['sha256'] === digest.toString('hex'));
  return isSubject ? null : refuse('STMT_SUBJECT', 'the statement is about other files');
}

function refused({ code, message }: Refusal): ArtifactResult {
  return { code, message, signer: null };
}
