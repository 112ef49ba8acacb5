// SPDX-License-Identifier: Apache-2.0
import { createHash, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dsse } from '@sigstore/core';
import type { ForgedCertificate, RunningSigstore } from '@promograph/devstack';
import { type Digest, digestOf } from '@promograph/oci';
import type { AttestationLayer, BundleReferrer, SignatureLayer } from '../evidence.ts';
import { STATEMENT_PAYLOAD_TYPE } from '../statement.ts';

export const SUBJECT: Digest = digestOf('image');
const MANIFEST = digestOf('manifest');

/** Somebody who signs: with a certificate, or with a bare key where `certificate` is null. */
export interface ForgedSigner {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** PEM of certificate or public key: what a log entry names. */
  readonly verifierPem: string;
  readonly certificate: string | null;
}

/** What a forged piece differs in from an honest one. */
export interface Forgery {
  /** Signs other bytes than those that are shown. */
  readonly signedBytes?: Buffer;
  /** The key or certificate that the log entry names. */
  readonly loggedBy?: ForgedSigner;
  /** Changes the body of the log entry before it is logged. */
  readonly logBody?: (body: Record<string, unknown>) => object;
  /** Unix seconds of the log's promise. Default: now. */
  readonly integratedTime?: number;
  readonly log?: 'v1' | 'v2' | 'none';
  /** Removes the log's promise and leaves the inclusion proof. */
  readonly withoutPromise?: boolean;
  readonly stampedAt?: Date;
  readonly annotatedType?: string;
  readonly payloadType?: string;
}

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
const base64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString('base64');

/** A signer with a genuine certificate of the local sigstore for any identity. */
export function forgeSigner(sigstore: RunningSigstore, request: Omit<ForgedCertificate, 'publicKey'>): ForgedSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [certificate] = sigstore.forge.certificate({ publicKey, ...request });
  return { publicKey, privateKey, verifierPem: certificate, certificate };
}

/** A signer with a key of its own. */
export function keySigner(): ForgedSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const verifierPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { publicKey, privateKey, verifierPem, certificate: null };
}

export function trustedRootOf(sigstore: RunningSigstore): object {
  return JSON.parse(readFileSync(sigstore.files.trustedRoot, 'utf8')) as object;
}

export function simpleSigning(reference: string, digest: string, optional: object | null = null): Buffer {
  const critical = {
    identity: { 'docker-reference': reference },
    image: { 'docker-manifest-digest': digest },
    type: 'cosign container image signature',
  };
  return Buffer.from(JSON.stringify({ critical, optional }));
}

export function statementOf(predicateType: string, subject: object, predicate: object = {}): Buffer {
  const statement = { _type: 'https://in-toto.io/Statement/v1', subject: [subject], predicateType, predicate };
  return Buffer.from(JSON.stringify(statement));
}

/** A layer of a `.sig` image. */
export function forgeSignatureLayer(
  sigstore: RunningSigstore,
  signer: ForgedSigner,
  { payload, ...forgery }: Forgery & { readonly payload: Buffer },
): SignatureLayer {
  const signature = sign('sha256', forgery.signedBytes ?? payload, signer.privateKey);
  const body = hashedRekord(forgery.signedBytes ?? payload, signature, forgery.loggedBy ?? signer);
  const annotations = {
    'dev.cosignproject.cosign/signature': base64(signature),
    ...certificateAnnotation(signer),
    ...logAnnotation(sigstore, body, forgery),
  };
  return { layout: 'sig', manifest: MANIFEST, layer: digestOf(payload), annotations, bytes: payload };
}

/** A layer of an `.att` image, logged as `dsse` or in the old way as `intoto 0.0.1`. */
export function forgeAttestationLayer(
  sigstore: RunningSigstore,
  signer: ForgedSigner,
  { statement, kind = 'dsse', ...forgery }: Forgery & { readonly statement: Buffer; readonly kind?: 'dsse' | 'intoto' },
): AttestationLayer {
  const payloadType = forgery.payloadType ?? STATEMENT_PAYLOAD_TYPE;
  const signature = sign('sha256', dsse.preAuthEncoding(payloadType, statement), signer.privateKey);
  const bytes = Buffer.from(
    JSON.stringify({ payloadType, payload: base64(statement), signatures: [{ keyid: '', sig: base64(signature) }] }),
  );
  const logged = forgery.loggedBy ?? signer;
  const body = kind === 'dsse' ? dsseEntry(bytes, statement, { signature, logged }) : intotoEntry(bytes, logged);
  const annotations = {
    'dev.cosignproject.cosign/signature': '',
    ...certificateAnnotation(signer),
    ...logAnnotation(sigstore, body, forgery),
    ...(forgery.annotatedType === undefined ? {} : { predicateType: forgery.annotatedType }),
  };
  const mediaType = 'application/vnd.dsse.envelope.v1+json';
  return { layout: 'att', manifest: MANIFEST, layer: digestOf(bytes), mediaType, annotations, bytes };
}

/** A bundle v0.3 over a statement, as a referrer. */
export function forgeBundle(
  sigstore: RunningSigstore,
  signer: ForgedSigner,
  { statement, ...forgery }: Forgery & { readonly statement: Buffer },
): BundleReferrer {
  const payloadType = forgery.payloadType ?? STATEMENT_PAYLOAD_TYPE;
  const pae = dsse.preAuthEncoding(payloadType, forgery.signedBytes ?? statement);
  const signature = sign('sha256', pae, signer.privateKey);
  const envelope = { payloadType, payload: base64(statement), signatures: [{ keyid: '', sig: base64(signature) }] };
  const stamps =
    forgery.stampedAt === undefined ? [] : [sigstore.forge.timestamp(signature, forgery.stampedAt)].map(base64);
  const json = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      ...signerMaterial(signer),
      tlogEntries: bundleEntries(sigstore, { pae, signature, signer: forgery.loggedBy ?? signer }, forgery),
      timestampVerificationData: { rfc3161Timestamps: stamps.map((signedTimestamp) => ({ signedTimestamp })) },
    },
    dsseEnvelope: envelope,
  };
  return bundleReferrer(json, forgery.annotatedType ?? null);
}

/** Any JSON as the bundle of a referrer. */
export function bundleReferrer(json: object, annotatedType: string | null = null): BundleReferrer {
  const bytes = Buffer.from(JSON.stringify(json));
  const manifestBytes = Buffer.from('{}');
  return { layout: 'bundle', manifest: MANIFEST, manifestBytes, layer: digestOf(bytes), annotatedType, bytes };
}

interface Signed {
  readonly pae: Buffer;
  readonly signature: Buffer;
  readonly signer: ForgedSigner;
}

function bundleEntries(sigstore: RunningSigstore, { pae, signature, signer }: Signed, forgery: Forgery): object[] {
  const { log = 'v1', logBody = (body) => body, integratedTime } = forgery;
  if (log === 'none') return [];
  if (log === 'v1') {
    const body = logBody(hashedRekord(pae, signature, signer));
    const entry = entryOf(sigstore.forge.rekorV1Entry(body, integratedTime === undefined ? {} : { integratedTime }));
    return [forgery.withoutPromise === true ? { ...entry, inclusionPromise: undefined } : entry];
  }
  const key = signer.certificate === null ? signer.publicKey.export({ type: 'spki', format: 'der' }) : rawOf(signer);
  const verifier = { [signer.certificate === null ? 'publicKey' : 'x509Certificate']: { rawBytes: base64(key) } };
  const spec = {
    data: { algorithm: 'SHA2_256', digest: base64(sha256(pae)) },
    signature: { content: base64(signature), verifier: { ...verifier, keyDetails: 'PKIX_ECDSA_P256_SHA_256' } },
  };
  const body = { apiVersion: '0.0.2', kind: 'hashedrekord', spec: { hashedRekordV002: spec } };
  return [sigstore.forge.rekorV2Entry(logBody(body))];
}

function rawOf({ certificate }: ForgedSigner): Buffer {
  return new X509Certificate(certificate ?? '').raw;
}

function signerMaterial(signer: ForgedSigner): object {
  if (signer.certificate !== null) return { certificate: { rawBytes: base64(rawOf(signer)) } };
  return { publicKey: { hint: base64(sha256(signer.publicKey.export({ type: 'spki', format: 'der' }))) } };
}

function certificateAnnotation({ certificate }: ForgedSigner): Record<string, string> {
  return certificate === null ? {} : { 'dev.sigstore.cosign/certificate': certificate };
}

function hashedRekord(bytes: Buffer, signature: Buffer, { verifierPem }: ForgedSigner): Record<string, unknown> {
  const hash = { algorithm: 'sha256', value: sha256(bytes).toString('hex') };
  const logged = { content: base64(signature), publicKey: { content: base64(verifierPem) } };
  return { apiVersion: '0.0.1', kind: 'hashedrekord', spec: { data: { hash }, signature: logged } };
}

function dsseEntry(
  envelope: Buffer,
  payload: Buffer,
  { signature, logged }: { readonly signature: Buffer; readonly logged: ForgedSigner },
): Record<string, unknown> {
  const hash = (bytes: Buffer): object => ({ algorithm: 'sha256', value: sha256(bytes).toString('hex') });
  const signatures = [{ signature: base64(signature), verifier: base64(logged.verifierPem) }];
  const spec = { envelopeHash: hash(envelope), payloadHash: hash(payload), signatures };
  return { apiVersion: '0.0.1', kind: 'dsse', spec };
}

function intotoEntry(envelope: Buffer, { verifierPem }: ForgedSigner): Record<string, unknown> {
  const hash = { algorithm: 'sha256', value: sha256(envelope).toString('hex') };
  return { apiVersion: '0.0.1', kind: 'intoto', spec: { content: { hash }, publicKey: base64(verifierPem) } };
}

interface RekorAnswer {
  readonly body: string;
  readonly integratedTime: number;
  readonly logIndex: number;
  readonly logID: string;
  readonly verification: {
    readonly signedEntryTimestamp: string;
    readonly inclusionProof: {
      readonly logIndex: number;
      readonly rootHash: string;
      readonly treeSize: number;
      readonly hashes: readonly string[];
      readonly checkpoint: string;
    };
  };
}

function logAnnotation(
  sigstore: RunningSigstore,
  body: Record<string, unknown>,
  forgery: Forgery,
): Record<string, string> {
  if (forgery.log === 'none') return {};
  const { logBody = (same) => same, integratedTime } = forgery;
  const answer = sigstore.forge.rekorV1Entry(logBody(body), integratedTime === undefined ? {} : { integratedTime });
  const { verification, ...Payload } = Object.values(answer)[0] as RekorAnswer;
  const { signedEntryTimestamp: SignedEntryTimestamp } = verification;
  return { 'dev.sigstore.cosign/bundle': JSON.stringify({ SignedEntryTimestamp, Payload }) };
}

function entryOf(answer: object): object {
  const { body, verification, ...entry } = Object.values(answer)[0] as RekorAnswer;
  const { inclusionProof, signedEntryTimestamp } = verification;
  const { kind, apiVersion } = JSON.parse(Buffer.from(body, 'base64').toString()) as Record<string, string>;
  const hex = (text: string): string => Buffer.from(text, 'hex').toString('base64');
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: hex(entry.logID) },
    kindVersion: { kind, version: apiVersion },
    integratedTime: String(entry.integratedTime),
    inclusionPromise: { signedEntryTimestamp },
    inclusionProof: {
      logIndex: String(inclusionProof.logIndex),
      rootHash: hex(inclusionProof.rootHash),
      treeSize: String(inclusionProof.treeSize),
      hashes: inclusionProof.hashes.map(hex),
      checkpoint: { envelope: inclusionProof.checkpoint },
    },
    canonicalizedBody: body,
  };
}
