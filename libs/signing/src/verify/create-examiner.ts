// SPDX-License-Identifier: Apache-2.0
import { errorMessage } from '@promograph/errors';
import { digestAlgorithm, digestOf } from '@promograph/oci';
import type { EvidencePiece } from '../evidence.ts';
import type { Examination } from '../examination.ts';
import type { Examiner } from '../examiner.ts';
import { createAnchoredVerifier } from './anchored-verifier.ts';
import { DEFAULT_EXAMINATION_LIMITS, type ExaminationLimits } from './examination-limits.ts';
import { createLeafReader } from './leaf-certificate.ts';
import { readBundle } from './read-bundle.ts';
import { readClaims } from './read-claims.ts';
import { readClaimedType, readPayload, readStatement } from './read-content.ts';
import { readAttestationLayer, readSignatureLayer } from './read-layer.ts';
import { type Refusal, isRefusal, refuse } from './refusal.ts';
import type { SignedMaterial } from './signed-material.ts';
import { createTrustAnchor } from './trust-anchor.ts';
import { readTrustedKey } from './trusted-key.ts';
import { type Trust, verifyMaterial } from './verify-material.ts';

/** With what an examiner verifies. */
export interface ExaminerOptions {
  /** Sigstore trusted roots, as JSON or parsed; evidence verifies when it does with one of them. */
  readonly trustedRoots: readonly object[];
  /** Public keys (PEM) that may have signed without a certificate. */
  readonly keys?: readonly string[];
  readonly limits?: Partial<ExaminationLimits>;
}

type Finding = Omit<Examination, 'piece' | 'place'>;

/** Findings of larger evidence are not kept: their statements would fill the memory. */
const MAX_REMEMBERED_BYTES = 256 * 1024;
const MAX_REMEMBERED = 10_000;

/** Parses roots and keys once. Throws `SigningError` with `SIGNING_TRUST` or `SIGNING_KEY` when one is malformed. */
export function createTrust(options: ExaminerOptions): Trust {
  return {
    verifiers: options.trustedRoots.map((root) => createAnchoredVerifier(createTrustAnchor(root))),
    keys: (options.keys ?? []).map(readTrustedKey),
    limits: { ...DEFAULT_EXAMINATION_LIMITS, ...options.limits },
    readLeaf: createLeafReader(),
  };
}

/** Builds an `Examiner`. Throws `SigningError` with `SIGNING_TRUST` or `SIGNING_KEY` when what it verifies with is malformed. */
export function createExaminer(options: ExaminerOptions): Examiner {
  const trust = createTrust(options);
  const remembered = new Map<string, Finding>();
  return {
    examine: async (piece, repository) => {
      const key = rememberedAs(piece);
      const finding = remembered.get(key) ?? examineSafely(piece, trust);
      if (piece.bytes.length <= MAX_REMEMBERED_BYTES) remembered.set(key, finding);
      const [oldest] = remembered.size > MAX_REMEMBERED ? remembered.keys() : [];
      if (oldest !== undefined) remembered.delete(oldest);
      const location = `${repository}@${piece.manifest}`;
      return { ...finding, piece, place: { layout: piece.layout, location, layer: piece.layer } };
    },
  };
}

function rememberedAs(piece: EvidencePiece): string {
  const { layout, layer, bytes } = piece;
  const annotations = layout === 'bundle' ? [] : Object.entries(piece.annotations).sort();
  const mediaType = layout === 'att' ? piece.mediaType : null;
  return digestOf(JSON.stringify([layout, layer, digestOf(bytes), mediaType, annotations]));
}

/** What parsers of other people throw for bad evidence is a result too. */
function examineSafely(piece: EvidencePiece, trust: Trust): Finding {
  try {
    return examinePiece(piece, trust);
  } catch (error) {
    return unread(refuse('SIG_FORMAT', `it cannot be read: ${errorMessage(error)}`));
  }
}

function examinePiece(piece: EvidencePiece, trust: Trust): Finding {
  const limit = piece.layout === 'sig' ? trust.limits.payloadBytes : trust.limits.envelopeBytes;
  if (piece.bytes.length > limit) return unread(refuse('EVIDENCE_LIMIT', `it is larger than ${limit} bytes`));
  if (digestOf(piece.bytes, digestAlgorithm(piece.layer)) !== piece.layer)
    return unread(refuse('SIG_FORMAT', 'the bytes are not those of the layer'));
  const material = readPiece(piece);
  if (isRefusal(material)) return { ...unread(material), ...readClaims(piece) };
  const { refusal, signer, log } = verifyMaterial(material, trust);
  const claim = { signer, log, predicateType: readClaimedType(material) };
  if (refusal !== null) return { ...unread(refusal), ...claim };
  const content = piece.layout === 'sig' ? readPayload(piece.bytes) : readStatement(material);
  if (isRefusal(content)) return { ...unread(content), ...claim };
  const isPayload = 'dockerReference' in content;
  return {
    ...claim,
    status: 'verified',
    code: null,
    message: '',
    payload: isPayload ? content : null,
    statement: isPayload ? null : content,
  };
}

function readPiece(piece: EvidencePiece): SignedMaterial | Refusal {
  if (piece.layout === 'sig') return readSignatureLayer(piece);
  return piece.layout === 'att' ? readAttestationLayer(piece) : readBundle(piece.bytes);
}

function unread({ code, message, isUnknown }: Refusal): Finding {
  const status = isUnknown === true ? 'unverifiable' : 'failed';
  return { status, code, message, signer: null, payload: null, statement: null, predicateType: null, log: null };
}
