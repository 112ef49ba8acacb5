// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { HashAlgorithm } from '@sigstore/protobuf-specs';
import { type Bundle, BUNDLE_V03_MEDIA_TYPE, bundleToJSON, type Envelope, envelopeToJSON } from '@sigstore/bundle';
import { STATEMENT_PAYLOAD_TYPE } from '../statement.ts';
import type { WitnessedContent } from './sign-and-witness.ts';

/** The DSSE envelope of a statement, as JSON. */
export function envelopeJson(statement: Buffer, signature: Buffer): string {
  return JSON.stringify(envelopeToJSON(envelopeOf(statement, signature)));
}

/** A sigstore bundle v0.3, JSON, of a signature over the pre-authentication encoding of `statement`. */
export function statementBundle(statement: Buffer, content: WitnessedContent): Buffer {
  return bundleJson({ $case: 'dsseEnvelope', dsseEnvelope: envelopeOf(statement, content.signature) }, content);
}

/** A sigstore bundle v0.3, JSON, of a signature over `artifact` itself. */
export function artifactBundle(artifact: Buffer, content: WitnessedContent): Buffer {
  const digest = createHash('sha256').update(artifact).digest();
  const messageDigest = { algorithm: HashAlgorithm.SHA2_256, digest };
  return bundleJson(
    { $case: 'messageSignature', messageSignature: { messageDigest, signature: content.signature } },
    content,
  );
}

function bundleJson(signed: Bundle['content'], content: WitnessedContent): Buffer {
  const bundle: Bundle = {
    mediaType: BUNDLE_V03_MEDIA_TYPE,
    verificationMaterial: {
      content: verifierOf(content),
      tlogEntries: [...content.entries],
      timestampVerificationData: {
        rfc3161Timestamps: content.timestamps.map((signedTimestamp) => ({ signedTimestamp })),
      },
    },
    content: signed,
  };
  return Buffer.from(JSON.stringify(bundleToJSON(bundle)));
}

function envelopeOf(payload: Buffer, sig: Buffer): Envelope {
  return { payloadType: STATEMENT_PAYLOAD_TYPE, payload, signatures: [{ keyid: '', sig }] };
}

function verifierOf({ material: { verifier } }: WitnessedContent): Bundle['verificationMaterial']['content'] {
  return verifier.kind === 'certificate'
    ? { $case: 'certificate', certificate: { rawBytes: verifier.der } }
    : { $case: 'publicKey', publicKey: { hint: verifier.hint } };
}
