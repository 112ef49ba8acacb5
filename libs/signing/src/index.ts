// SPDX-License-Identifier: Apache-2.0
export type { AttestationLayer, BundleReferrer, Evidence, EvidencePiece, SignatureLayer } from './evidence.ts';
export type { Examination, LogReference, SimpleSigningPayload } from './examination.ts';
export type { Examiner, SignatureExpectation, StatementExpectation } from './examiner.ts';
export type { ExpectedIdentity, ExpectedKey, ExpectedSigner, NamePattern, SignerPrincipal } from './expected-signer.ts';
export type { ImageSigner, SignedPayload, SignedStatement, SignerCounts } from './image-signer.ts';
export type {
  EvidenceDigests,
  EvidenceRequest,
  NewBundle,
  NewSignatureLayer,
  SignatureStore,
  WriteOutcome,
} from './signature-store.ts';
export { createArtifactSigner } from './sign/create-artifact-signer.ts';
export type { ArtifactSigner, ArtifactSignerOptions } from './sign/create-artifact-signer.ts';
export { createImageSigner } from './sign/create-image-signer.ts';
export type { ImageSignerOptions } from './sign/create-image-signer.ts';
export type { IdentityToken } from './sign/identity-token.ts';
export type { KeylessSignatory, KeySignatory, Signatory } from './sign/material-of.ts';
export { createServiceClient } from './sign/service-client.ts';
export type { ServiceAnswer, ServiceCall, ServiceClient, ServiceClientOptions } from './sign/service-client.ts';
export { ServiceFailure } from './sign/service-failure.ts';
export type { ServiceRole } from './sign/service-failure.ts';
export type { SignerIdentity } from './sign/signing-certificate.ts';
export { readSigningKey } from './sign/signing-key.ts';
export type { SigningKey } from './sign/signing-key.ts';
export { parseSigningConfig, selectServices } from './sign/signing-services.ts';
export type { LogService, SigningServices } from './sign/signing-services.ts';
export { createTokenSource } from './sign/token-source.ts';
export type { TokenOrigin, TokenSource, TokenSourceOptions } from './sign/token-source.ts';
export { SigningError } from './signing-error.ts';
export type { SigningErrorCode } from './signing-error.ts';
export { simpleSigningPayload } from './simple-signing.ts';
export { SIGN_PREDICATE_TYPE, STATEMENT_PAYLOAD_TYPE } from './statement.ts';
export type { Statement, StatementSubject } from './statement.ts';
export { loadTrust, parseTrustedRoot } from './trust/load-trust.ts';
export type { Trust, TrustOptions } from './trust/load-trust.ts';
export { PUBLIC_GOOD_MIRROR } from './trust/shipped-root.ts';
export type { TufOptions } from './trust/tuf-repository.ts';
export { carryRefusal } from './store/bundle-manifest.ts';
export { createSignatureStore } from './store/create-signature-store.ts';
export type { SignatureStoreOptions } from './store/create-signature-store.ts';
export { DEFAULT_EVIDENCE_LIMITS } from './store/evidence-limits.ts';
export type { EvidenceLimits } from './store/evidence-limits.ts';
export { BUNDLE_TYPE, SIGNATURE_ANNOTATION, SIMPLE_SIGNING_TYPE } from './store/evidence-media-types.ts';
export { attestationTag, evidenceLease, signatureTag } from './store/evidence-tags.ts';
export { signatureConfig } from './store/signature-manifest.ts';
export type { EvidencePlace, ImageVerdict, Verdict, VerdictCode, VerdictKind } from './verdict.ts';
export { createExaminer } from './verify/create-examiner.ts';
export type { ExaminerOptions } from './verify/create-examiner.ts';
export { DEFAULT_EXAMINATION_LIMITS } from './verify/examination-limits.ts';
export type { ExaminationLimits } from './verify/examination-limits.ts';
export { judgeImage } from './verify/judge-image.ts';
export { isSignaturePiece, judgeSignature } from './verify/judge-signature.ts';
export { judgeStatement } from './verify/judge-statement.ts';
export { SUMMARY_PREDICATE_TYPE, judgeSummary } from './verify/judge-summary.ts';
export type { SummaryExpectation } from './verify/judge-summary.ts';
export { matchesSigner } from './verify/matches-signer.ts';
export { publicKeyHint } from './verify/trusted-key.ts';
export { verifyArtifactBundle } from './verify/verify-artifact-bundle.ts';
export type { Artifact, ArtifactResult } from './verify/verify-artifact-bundle.ts';
