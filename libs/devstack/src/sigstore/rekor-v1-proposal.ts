// SPDX-License-Identifier: Apache-2.0
import { verify } from 'node:crypto';
import { dsse, json } from '@sigstore/core';
import { type JsonObject, listAt, parseJson, textAt } from './json-fields.ts';
import { ServiceRefusal } from './service-refusal.ts';
import { sha256 } from './sha256.ts';
import { keyOfPem } from './verifier-key.ts';
import { verifyDigest } from './verify-digest.ts';

/** The body that Rekor v1 stores for a proposed entry. Throws a 400 for other kinds and for signatures that do not fit. */
export function canonicalBodyV1(proposal: JsonObject): Buffer {
  const kind = `${textAt(proposal, 'kind')} ${textAt(proposal, 'apiVersion')}`;
  if (kind === 'hashedrekord 0.0.1') return hashedRekord(proposal);
  if (kind === 'dsse 0.0.1') return dsseEntry(proposal);
  throw new ServiceRefusal(400, `entry kind ${kind} is not supported`);
}

function hashedRekord({ spec }: JsonObject): Buffer {
  const algorithm = textAt(spec, 'data', 'hash', 'algorithm');
  const value = textAt(spec, 'data', 'hash', 'value');
  const content = textAt(spec, 'signature', 'content');
  const publicKey = textAt(spec, 'signature', 'publicKey', 'content');
  if (algorithm !== 'sha256' || !/^[0-9a-f]{64}$/.test(value)) throw invalid('the hash is no SHA-256');
  const key = keyOfPem(fromBase64(publicKey).toString());
  if (!verifyDigest(Buffer.from(value, 'hex'), key, fromBase64(content))) {
    throw invalid('verifying signature: invalid signature when validating ASN.1 encoded signature');
  }
  const signature = { content, publicKey: { content: publicKey } };
  return canonical('hashedrekord', { data: { hash: { algorithm, value } }, signature });
}

function dsseEntry({ spec }: JsonObject): Buffer {
  const text = textAt(spec, 'proposedContent', 'envelope');
  const verifiers = listAt(spec, 'proposedContent', 'verifiers').map(String);
  const envelope = parseJson(text);
  const payload = fromBase64(textAt(envelope, 'payload'));
  const signed = dsse.preAuthEncoding(textAt(envelope, 'payloadType'), payload);
  const signatures = listAt(envelope, 'signatures').map((signature) => textAt(signature, 'sig'));
  const matches = signatures.map((signature) => ({
    signature,
    verifier: verifiers.find((verifier) => fits(signed, verifier, signature)),
  }));
  const isComplete = verifiers.every((verifier) => matches.some((match) => match.verifier === verifier));
  if (matches.length === 0 || !isComplete || matches.some(({ verifier }) => verifier === undefined)) {
    throw invalid('could not verify envelope: accepted signatures do not match threshold');
  }
  return canonical('dsse', {
    envelopeHash: { algorithm: 'sha256', value: sha256(text).toString('hex') },
    payloadHash: { algorithm: 'sha256', value: sha256(payload).toString('hex') },
    signatures: matches,
  });
}

function fits(signed: Buffer, verifier: string, signature: string): boolean {
  const key = keyOfPem(fromBase64(verifier).toString());
  return verify(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', signed, key, fromBase64(signature));
}

function canonical(kind: string, spec: object): Buffer {
  return Buffer.from(json.canonicalize({ apiVersion: '0.0.1', kind, spec }));
}

function fromBase64(text: string): Buffer {
  return Buffer.from(text, 'base64');
}

function invalid(message: string): ServiceRefusal {
  return new ServiceRefusal(400, `error processing entry: ${message}`);
}
