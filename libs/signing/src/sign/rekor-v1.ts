// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { SigningError } from '../signing-error.ts';
import { parseAnswer } from './json-field.ts';
import type { LogEntry, WitnessedSignature } from './log-entry.ts';
import type { ServiceClient } from './service-client.ts';
import { serviceUrl } from './service-url.ts';

const REKOR = { code: 'SIGNING_LOG', name: 'the transparency log' } as const;
const ENTRIES_PATH = '/api/v1/log/entries';
/** Tree id and leaf hash, or the leaf hash alone. */
const ENTRY_ID = /^(?:[0-9a-f]{16})?[0-9a-f]{64}$/;
const HEX = /^(?:[0-9a-f]{2})+$/;

const count = z.int().nonnegative();
const entrySchema = z.object({
  body: z.base64(),
  integratedTime: count,
  logID: z.string().regex(HEX),
  logIndex: count,
  verification: z.object({
    signedEntryTimestamp: z.base64(),
    inclusionProof: z.object({
      checkpoint: z.string().min(1),
      hashes: z.array(z.string().regex(HEX)).max(64),
      logIndex: count,
      rootHash: z.string().regex(HEX),
      treeSize: count,
    }),
  }),
});
const answerSchema = z.record(z.string(), entrySchema);

/** Writes to a Rekor v1 log, as `hashedrekord` or, of an envelope, `dsse`. What is there already is fetched. */
export async function logToRekorV1(
  client: ServiceClient,
  log: URL,
  { witnessed, signal }: { readonly witnessed: WitnessedSignature; readonly signal?: AbortSignal | undefined },
): Promise<LogEntry> {
  const answer = await client.call({
    role: REKOR,
    method: 'POST',
    url: serviceUrl(log, ENTRIES_PATH),
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(proposalOf(witnessed)),
    alsoExpects: [409],
    signal,
  });
  if (answer.status !== 409) return entryOf(answer.body);
  const id = answer.location?.slice(answer.location.lastIndexOf('/') + 1) ?? '';
  if (!ENTRY_ID.test(id)) throw new SigningError('SIGNING_LOG', 'the transparency log names no entry that it has');
  const url = serviceUrl(log, `${ENTRIES_PATH}/${id}`);
  const found = await client.call({ role: REKOR, method: 'GET', url, headers: { accept: 'application/json' }, signal });
  return entryOf(found.body);
}

function proposalOf({ material, signature, digest, envelope }: WitnessedSignature): object {
  const verifier = Buffer.from(material.verifierPem).toString('base64');
  if (envelope !== null) {
    return { apiVersion: '0.0.1', kind: 'dsse', spec: { proposedContent: { envelope, verifiers: [verifier] } } };
  }
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value: digest.toString('hex') } },
      signature: { content: signature.toString('base64'), publicKey: { content: verifier } },
    },
  };
}

function entryOf(body: Buffer): LogEntry {
  const parsed = answerSchema.safeParse(parseAnswer(body, REKOR));
  const [entry, ...others] = parsed.success ? Object.values(parsed.data) : [];
  if (entry === undefined || others.length > 0) {
    throw new SigningError('SIGNING_LOG', 'the transparency log gave an answer that is not one entry');
  }
  const canonicalizedBody = Buffer.from(entry.body, 'base64');
  const { signedEntryTimestamp, inclusionProof } = entry.verification;
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: Buffer.from(entry.logID, 'hex') },
    kindVersion: kindOf(canonicalizedBody),
    integratedTime: String(entry.integratedTime),
    inclusionPromise: { signedEntryTimestamp: Buffer.from(signedEntryTimestamp, 'base64') },
    inclusionProof: {
      logIndex: String(inclusionProof.logIndex),
      rootHash: Buffer.from(inclusionProof.rootHash, 'hex'),
      treeSize: String(inclusionProof.treeSize),
      hashes: inclusionProof.hashes.map((hash) => Buffer.from(hash, 'hex')),
      checkpoint: { envelope: inclusionProof.checkpoint },
    },
    canonicalizedBody,
  };
}

function kindOf(canonicalizedBody: Buffer): LogEntry['kindVersion'] {
  const schema = z.object({ kind: z.string(), apiVersion: z.string() });
  const parsed = schema.safeParse(parseAnswer(canonicalizedBody, REKOR));
  if (!parsed.success) throw new SigningError('SIGNING_LOG', 'the transparency log gave an entry of no kind');
  return { kind: parsed.data.kind, version: parsed.data.apiVersion };
}
