// SPDX-License-Identifier: Apache-2.0
import type { VerdictCode } from '@promograph/signing';
import type { ErrorExplanation } from './error-explanation.ts';

const FOREIGN = 'Nothing, unless signatures are required; else have it signed by a signer of `staging.identities`.';
const TAMPERED = 'Do not promote it. Find out who wrote the evidence, delete it, and sign the image again.';

function refused(title: string, cause: string, remedy: string): ErrorExplanation {
  return { outcome: 'refused', title, cause, remedy };
}

/** Why a signature or attestation is not accepted. */
export const VERDICT_CODES: Readonly<Record<VerdictCode | 'SIG_ABSENT', ErrorExplanation>> = {
  SIG_ABSENT: refused(
    'A signature is required, and there is none',
    '`staging.signatures` is `require`, and no signature was found at the source, neither as `.sig` tag nor as referrer.',
    'Sign the image at the source with a signer of `staging.identities`.',
  ),
  SIG_FORMAT: refused(
    'The evidence cannot be read as what it says it is',
    'Its JSON, base64, certificate, envelope or bundle is malformed, or of a version that is not known.',
    'Sign the image again with a current cosign; delete what is damaged.',
  ),
  SIG_CRYPTO: refused(
    'The signature does not fit what it signs',
    'The signature value is wrong for the signed bytes and the key of its certificate.',
    TAMPERED,
  ),
  SIG_PAYLOAD_DIGEST: refused(
    'The signature is about another image',
    'The signed payload names another digest than the image that it hangs on: a copied signature.',
    TAMPERED,
  ),
  SIG_REFERENCE: refused(
    'The signature is for another name',
    'The signed reference is not the name of this image: a signature of another repository or registry was copied here.',
    'Sign the image under its own name; check `signing.references`.',
  ),
  SIG_ANNOTATION: refused(
    'What an annotation says is not what was signed',
    'An annotation of the layer or manifest contradicts the signed content, which alone counts.',
    TAMPERED,
  ),
  SIG_IDENTITY: refused(
    'Another identity signed',
    'The subject of the certificate is none of the accepted ones. Exact names match whole, regular expressions too.',
    FOREIGN,
  ),
  SIG_ISSUER: refused(
    'The identity comes from another issuer',
    'The subject of the certificate is accepted, but its issuer is another: the same name given by someone else.',
    FOREIGN,
  ),
  SIG_KEY: refused('Another key signed', 'The signature verifies with none of the accepted public keys.', FOREIGN),
  SIG_LOG_KEY: refused(
    'The log entry is not from a log that is trusted',
    'No log of the trusted root signed the entry or its checkpoint, or the entry names another key than the signature.',
    'Check that the trusted root is the one of the services that signed.',
  ),
  SIG_LOG_BODY: refused(
    'The log entry is about something else',
    'What the log recorded is not this signature over this content: an entry of another signature was attached.',
    TAMPERED,
  ),
  SIG_TIME: refused(
    'It is not proven that the certificate was valid when it signed',
    'There is neither a signed entry time nor a timestamp, or the time lies outside the validity of the certificate.',
    'Sign the image again, with a log or a timestamp authority.',
  ),
  SIG_CHAIN: refused(
    'The certificate is not from an authority that is trusted',
    'Its chain does not end at the trusted root, or the certificate is not one for signing code, or its log entry is missing.',
    'Check that the trusted root is the one of the services that signed; otherwise it is a forgery.',
  ),
  DSSE_SIGNATURES: refused(
    'The envelope has not exactly one signature',
    'With several signatures it would be open which of them speaks for the statement.',
    'Attest again; delete the envelope.',
  ),
  STMT_TYPE: refused(
    'The statement is of another type than is said',
    'The predicate type of the signed statement is not the one that its annotation names, or that was asked for.',
    TAMPERED,
  ),
  STMT_SUBJECT: refused(
    'The statement is about another image',
    'None of the subjects of the signed statement is this digest under this name.',
    TAMPERED,
  ),
  VSA_FAILED: refused(
    'The verification summary says that verification failed',
    'A summary by a trusted verifier is there, and its result is not PASSED.',
    'Look up why it failed; a summary is never a reason to promote.',
  ),
  EVIDENCE_LIMIT: refused(
    'There is more evidence than is looked at',
    'Number or size of signatures and attestations is above the limit. Nothing is truncated: junk must not hide evidence.',
    'Delete what does not belong there from the source repository.',
  ),
};
