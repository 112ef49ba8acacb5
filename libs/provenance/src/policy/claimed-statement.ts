// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestOf } from '@promograph/oci';
import type { EvidencePiece, Statement } from '@promograph/signing';
import { z } from 'zod';

/** What a piece of evidence claims to say, proven or not. */
export interface ClaimedStatement {
  readonly statement: Statement;
  /** Digest of the signed payload; null for an in-toto statement that lies there bare. */
  readonly payload: Digest | null;
}

const statementSchema = z.looseObject({
  _type: z.string(),
  predicateType: z.string(),
  subject: z.array(z.looseObject({ digest: z.record(z.string(), z.string()) })),
});
const envelopeSchema = z.looseObject({ payload: z.string() });
const bundleSchema = z.looseObject({ dsseEnvelope: envelopeSchema });

/**
 * What evidence claims before, or although not, verified: only for reports, and to know that somebody meant it to be
 * provenance of a digest. Nothing may be permitted because of it. Null where there is no statement to be found.
 */
export function claimedStatement(piece: EvidencePiece): ClaimedStatement | null {
  if (piece.layout === 'sig') return null;
  const document = parseJson(piece.bytes);
  const envelope = bundleSchema.safeParse(document).data?.dsseEnvelope ?? envelopeSchema.safeParse(document).data;
  const payload = envelope === undefined ? null : Buffer.from(envelope.payload, 'base64');
  const claimed = payload === null ? document : parseJson(payload);
  const parsed = statementSchema.safeParse(claimed);
  if (!parsed.success) return null;
  const { _type, predicateType, subject } = parsed.data;
  const statement = { _type, predicateType, subject, predicate: parsed.data['predicate'] };
  return { statement, payload: payload === null ? null : digestOf(payload) };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}
