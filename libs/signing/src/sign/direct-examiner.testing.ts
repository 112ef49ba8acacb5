// SPDX-License-Identifier: Apache-2.0
import { createHash, createPublicKey } from 'node:crypto';
import { errorMessage } from '@promograph/errors';
import { BUNDLE_V01_MEDIA_TYPE, type Bundle, bundleFromJSON } from '@sigstore/bundle';
import { HashAlgorithm, TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import type { EvidencePiece } from '../evidence.ts';
import type { Examination } from '../examination.ts';
import type { Examiner } from '../examiner.ts';

/** What the examiner of a test trusts. */
export interface DirectTrust {
  readonly trustedRoot: object;
  readonly publicKeyPem?: string;
}

/**
 * An examiner straight on the verification library, so that tests of the signer do not lean on our own verifier. A
 * failure about time is `SIG_TIME`, every other `SIG_CRYPTO`.
 */
export function directExaminer({ trustedRoot, publicKeyPem }: DirectTrust): Examiner {
  const key = publicKeyPem === undefined ? null : createPublicKey(publicKeyPem);
  const keys = key === null ? undefined : () => ({ publicKey: key, validFor: () => true });
  const material = toTrustMaterial(TrustedRoot.fromJSON(trustedRoot), keys);
  const verifier = new Verifier(material, { ctlogThreshold: key === null ? 1 : 0, tlogThreshold: 1 });
  return {
    examine: async (piece, repository) => {
      const place = { layout: piece.layout, location: `${repository}@${piece.manifest}`, layer: piece.layer };
      const base = { piece, place, payload: null, statement: null, predicateType: null, log: null } as const;
      try {
        const artifact = piece.layout === 'bundle' ? undefined : piece.bytes;
        const { identity } = verifier.verify(toSignedEntity(bundleOf(piece), artifact));
        const subject = identity?.subjectAlternativeName ?? '';
        const issuer = identity?.extensions?.issuer ?? '';
        const signer =
          key === null
            ? ({ kind: 'certificate', subject, issuer, buildConfigUri: null } as const)
            : ({ kind: 'key', hint: sha256(key.export({ type: 'spki', format: 'der' })).toString('base64') } as const);
        return { ...base, status: 'verified', code: null, message: '', signer };
      } catch (error) {
        return { ...base, ...failure(error) };
      }
    },
  };
}

function failure(error: unknown): Pick<Examination, 'status' | 'code' | 'message' | 'signer'> {
  const isTime =
    error instanceof Error && 'code' in error && ['TIMESTAMP_ERROR', 'CERTIFICATE_ERROR'].includes(String(error.code));
  return { status: 'failed', code: isTime ? 'SIG_TIME' : 'SIG_CRYPTO', message: errorMessage(error), signer: null };
}

function bundleOf(piece: EvidencePiece): Bundle {
  if (piece.layout === 'bundle') return bundleFromJSON(JSON.parse(piece.bytes.toString()));
  const { annotations, bytes } = piece;
  const field = (name: string): string => annotations[`dev.sigstore.cosign/${name}`] ?? '';
  const { SignedEntryTimestamp, Payload } = JSON.parse(field('bundle')) as {
    SignedEntryTimestamp: string;
    Payload: { body: string; integratedTime: number; logIndex: number; logID: string };
  };
  const canonicalizedBody = Buffer.from(Payload.body, 'base64');
  const body = JSON.parse(canonicalizedBody.toString()) as { kind: string; apiVersion: string };
  const pem = field('certificate');
  const rawBytes = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const stamp = field('rfc3161timestamp');
  return {
    mediaType: BUNDLE_V01_MEDIA_TYPE,
    verificationMaterial: {
      content:
        pem === ''
          ? { $case: 'publicKey', publicKey: { hint: '' } }
          : { $case: 'x509CertificateChain', x509CertificateChain: { certificates: [{ rawBytes }] } },
      tlogEntries: [
        {
          logIndex: String(Payload.logIndex),
          logId: { keyId: Buffer.from(Payload.logID, 'hex') },
          kindVersion: { kind: body.kind, version: body.apiVersion },
          integratedTime: String(Payload.integratedTime),
          inclusionPromise: { signedEntryTimestamp: Buffer.from(SignedEntryTimestamp, 'base64') },
          inclusionProof: undefined,
          canonicalizedBody,
        },
      ],
      timestampVerificationData: { rfc3161Timestamps: stamp === '' ? [] : [{ signedTimestamp: stampOf(stamp) }] },
    },
    content: {
      $case: 'messageSignature',
      messageSignature: {
        messageDigest: { algorithm: HashAlgorithm.SHA2_256, digest: sha256(bytes) },
        signature: Buffer.from(annotations['dev.cosignproject.cosign/signature'] ?? '', 'base64'),
      },
    },
  };
}

function stampOf(text: string): Buffer {
  return Buffer.from((JSON.parse(text) as { SignedRFC3161Timestamp: string }).SignedRFC3161Timestamp, 'base64');
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
