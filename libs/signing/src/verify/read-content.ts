// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import type { SimpleSigningPayload } from '../examination.ts';
import { STATEMENT_PAYLOAD_TYPE, type Statement } from '../statement.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { SignedMaterial } from './signed-material.ts';

const STATEMENT_TYPES = ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1'];

const payload = z.object({
  critical: z.object({
    identity: z.object({ 'docker-reference': z.string() }),
    image: z.object({ 'docker-manifest-digest': z.string() }),
    type: z.literal('cosign container image signature'),
  }),
  optional: z.record(z.string(), z.unknown()).nullish(),
});

const texts = z.record(z.string(), z.string());
const statement = z.object({
  _type: z.string(),
  subject: z.array(z.object({ name: z.string().optional(), digest: texts, annotations: texts.nullish() })),
  predicateType: z.string().min(1),
  predicate: z.unknown(),
});

/** Reads a simple signing payload. */
export function readPayload(bytes: Buffer): SimpleSigningPayload | Refusal {
  const parsed = payload.safeParse(parseJson(bytes));
  if (!parsed.success) return refuse('SIG_FORMAT', 'what is signed is no simple signing payload');
  const { critical, optional } = parsed.data;
  return {
    dockerReference: critical.identity['docker-reference'],
    digest: critical.image['docker-manifest-digest'],
    optional: optional ?? {},
  };
}

/** Reads the in-toto statement that a DSSE envelope holds. */
export function readStatement({ bundle: { content } }: SignedMaterial): Statement | Refusal {
  if (content.$case !== 'dsseEnvelope') return refuse('SIG_FORMAT', 'it signs a file, not a statement');
  const { payloadType, payload: bytes } = content.dsseEnvelope;
  if (payloadType !== STATEMENT_PAYLOAD_TYPE) return refuse('STMT_TYPE', `the payload is of type ${payloadType}`);
  const parsed = statement.safeParse(parseJson(bytes));
  if (!parsed.success) return refuse('SIG_FORMAT', 'what is signed is no in-toto statement');
  const { subject, predicate, ...types } = parsed.data;
  if (!STATEMENT_TYPES.includes(types._type)) return refuse('STMT_TYPE', `the statement is of type ${types._type}`);
  const subjects = subject.map(({ name, digest, annotations }) => ({
    digest,
    ...(name === undefined ? {} : { name }),
    ...(annotations == null ? {} : { annotations }),
  }));
  return { ...types, subject: subjects, predicate };
}

/** The predicate type that the payload of an envelope states, whether or not anything else is right with it. */
export function readClaimedType({ bundle: { content } }: SignedMaterial): string | null {
  if (content.$case !== 'dsseEnvelope') return null;
  const parsed = z.object({ predicateType: z.string() }).safeParse(parseJson(content.dsseEnvelope.payload));
  return parsed.success ? parsed.data.predicateType : null;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}
