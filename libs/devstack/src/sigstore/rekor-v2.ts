// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { json } from '@sigstore/core';
import { type JsonObject, objectAt, readJson, textAt } from './json-fields.ts';
import type { LoggedEntry } from './logged-entry.ts';
import { leafHash, MerkleTree } from './merkle-tree.ts';
import { ServiceRefusal } from './service-refusal.ts';
import { sha256 } from './sha256.ts';
import { signCheckpoint } from './signed-note.ts';
import { keyOfCertificate, keyOfSpki } from './verifier-key.ts';
import { verifyDigest } from './verify-digest.ts';

/** Rekor v2 in memory: Ed25519 log key, hashedrekord entries only, no time of its own. */
export class RekorV2 {
  readonly publicKey: KeyObject;
  /** Key id of the C2SP note signature, whole. */
  readonly logId: Buffer;
  readonly #origin: string;
  readonly #privateKey: KeyObject;
  readonly #tree = new MerkleTree();
  readonly #bodies: Buffer[] = [];
  readonly #indexByLeaf = new Map<string, number>();

  constructor(origin: string) {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.publicKey = publicKey;
    this.#privateKey = privateKey;
    this.#origin = origin;
    const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
    this.logId = sha256(`${origin}\n`, Buffer.from([1]), raw);
  }

  /** Checks and logs a request. Refusals: 400, and 409 for one that is there, which no client can read back. */
  propose(request: JsonObject): object {
    const body = canonicalBody(request);
    const index = this.#indexByLeaf.get(leafHash(body).toString('hex'));
    if (index === undefined) return this.append(body);
    const message = `an equivalent entry already exists in the transparency log with index ${index}`;
    throw new ServiceRefusal(409, message);
  }

  /** Logs a body unchecked and answers the TransparencyLogEntry. */
  append(body: Buffer): object {
    this.#bodies.push(body);
    const index = this.#tree.append(body);
    this.#indexByLeaf.set(leafHash(body).toString('hex'), index);
    return this.#entry(index);
  }

  get size(): number {
    return this.#tree.size;
  }

  entries(): readonly LoggedEntry[] {
    return this.#bodies.map((body, logIndex) => {
      const { kind = '', spec } = readJson(body) ?? {};
      const entry = objectAt(spec, 'hashedRekordV002');
      const verifier = objectAt(entry, 'signature', 'verifier');
      return {
        log: 'rekor-v2',
        logIndex,
        kind: String(kind),
        digest: Buffer.from(textAt(entry, 'data', 'digest'), 'base64').toString('hex'),
        verifier: textAt(verifier, 'x509Certificate', 'rawBytes') || textAt(verifier, 'publicKey', 'rawBytes'),
        body,
      };
    });
  }

  #entry(index: number): object {
    const body = this.#bodies[index] ?? Buffer.alloc(0);
    const { kind = '', apiVersion = '' } = readJson(body) ?? {};
    return {
      logIndex: String(index),
      logId: { keyId: this.logId.toString('base64') },
      kindVersion: { kind, version: apiVersion },
      inclusionProof: {
        logIndex: String(index),
        rootHash: this.#tree.root().toString('base64'),
        treeSize: String(this.#tree.size),
        hashes: this.#tree.path(index).map((hash) => hash.toString('base64')),
        checkpoint: { envelope: this.#checkpoint() },
      },
      canonicalizedBody: body.toString('base64'),
    };
  }

  #checkpoint(): string {
    const state = { origin: this.#origin, size: this.#tree.size, root: this.#tree.root() };
    const keyHint = this.logId.subarray(0, 4);
    return signCheckpoint(state, { keyHint, sign: (note) => sign(null, note, this.#privateKey) });
  }
}

function canonicalBody(request: JsonObject): Buffer {
  const entry = objectAt(request, 'hashedRekordRequestV002');
  // As rekor-tiles answers since it takes no DSSE entries.
  if (entry === null) throw new ServiceRefusal(400, 'invalid type, must be hashedrekord');
  const digest = textAt(entry, 'digest');
  const content = textAt(entry, 'signature', 'content');
  const verifier = objectAt(entry, 'signature', 'verifier');
  const certificate = textAt(verifier, 'x509Certificate', 'rawBytes');
  const spki = textAt(verifier, 'publicKey', 'rawBytes');
  const key = certificate === '' ? keyOfSpki(fromBase64(spki)) : keyOfCertificate(fromBase64(certificate));
  const keyDetails = textAt(verifier, 'keyDetails');
  if (fromBase64(digest).length !== 32 || keyDetails !== 'PKIX_ECDSA_P256_SHA_256') {
    throw new ServiceRefusal(400, `unsupported algorithm ${keyDetails}`);
  }
  if (!verifyDigest(fromBase64(digest), key, fromBase64(content))) {
    throw new ServiceRefusal(400, 'invalid signature: verifying signature');
  }
  const rawBytes =
    certificate === '' ? { publicKey: { rawBytes: spki } } : { x509Certificate: { rawBytes: certificate } };
  const signature = { content, verifier: { keyDetails, ...rawBytes } };
  const spec = { hashedRekordV002: { data: { algorithm: 'SHA2_256', digest }, signature } };
  return Buffer.from(json.canonicalize({ apiVersion: '0.0.2', kind: 'hashedrekord', spec }));
}

function fromBase64(text: string): Buffer {
  return Buffer.from(text, 'base64');
}
