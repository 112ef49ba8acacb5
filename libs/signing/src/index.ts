// SPDX-License-Identifier: Apache-2.0
export type { AttestationLayer, BundleReferrer, Evidence, EvidencePiece, SignatureLayer } from './evidence.ts';
export type { Examination, LogReference, SimpleSigningPayload } from './examination.ts';
export type { Examiner, SignatureExpectation, StatementExpectation } from './examiner.ts';
export type { ExpectedIdentity, ExpectedKey, ExpectedSigner, NamePattern, SignerPrincipal } from './expected-signer.ts';
export type { ImageSigner, SignedPayload, SignedStatement, SignerCounts } from './image-signer.ts';
export type { EvidenceRequest, NewBundle, NewSignatureLayer, SignatureStore, WriteOutcome } from './signature-store.ts';
export { SigningError } from './signing-error.ts';
export type { SigningErrorCode } from './signing-error.ts';
export { SIGN_PREDICATE_TYPE, STATEMENT_PAYLOAD_TYPE } from './statement.ts';
export type { Statement, StatementSubject } from './statement.ts';
export type { EvidencePlace, ImageVerdict, Verdict, VerdictCode, VerdictKind } from './verdict.ts';
