// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { json } from '@sigstore/core';
import type { JsonObject } from './json-fields.ts';
import { listAt, readJson, textAt } from './json-fields.ts';
import type { LoggedEntry } from './logged-entry.ts';
import { leafHash, MerkleTree } from './merkle-tree.ts';
import { canonicalBodyV1 } from './rekor-v1-proposal.ts';
import { ServiceRefusal } from './service-refusal.ts';
import { sha256, spkiOf } from './sha256.ts';
import { signCheckpoint } from './signed-note.ts';

const TREE_ID = 0x2d65766b63617473n;

interface Stored {
  readonly body: Buffer;
  readonly integratedTime: number;
  readonly logIndex: number;
  readonly signedEntryTimestamp: string;
}

/** Rekor v1 in memory: ECDSA log key, signed entry timestamps, inclusion proofs. */
export class RekorV1 {
  readonly publicKey: KeyObject;
  readonly logId: Buffer;
  readonly #privateKey: KeyObject;
  readonly #tree = new MerkleTree();
  readonly #stored: Stored[] = [];
  readonly #indexByLeaf = new Map<string, number>();
  readonly #now: () => number;
  readonly #host: string;

  constructor(host: string, now: () => number) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.publicKey = publicKey;
    this.#privateKey = privateKey;
    this.logId = sha256(spkiOf(publicKey));
    this.#host = host;
    this.#now = now;
  }

  /** Checks and logs a proposed entry; answers its UUID. Refusals: 400, and 409 with its place for one that is there. */
  propose(proposal: JsonObject): string {
    const body = canonicalBodyV1(proposal);
    const leaf = leafHash(body).toString('hex');
    if (this.#indexByLeaf.has(leaf)) {
      const message = `an equivalent entry already exists in the transparency log with UUID ${uuidOf(leaf)}`;
      throw new ServiceRefusal(409, message, { location: `/api/v1/log/entries/${uuidOf(leaf)}` });
    }
    return this.append(body, Math.floor(this.#now() / 1000));
  }

  /** Logs a body unchecked, with a signed entry timestamp for the given second; answers its UUID. */
  append(body: Buffer, integratedTime: number): string {
    const logIndex = this.#tree.append(body);
    const logID = this.logId.toString('hex');
    const promise = json.canonicalize({ body: body.toString('base64'), integratedTime, logID, logIndex });
    const signedEntryTimestamp = sign('sha256', Buffer.from(promise), this.#privateKey).toString('base64');
    this.#stored.push({ body, integratedTime, logIndex, signedEntryTimestamp });
    const leaf = leafHash(body).toString('hex');
    this.#indexByLeaf.set(leaf, logIndex);
    return uuidOf(leaf);
  }

  /** The API's answer for a UUID of 64 or 80 digits, with a proof in the tree as it is now; null when it is unknown. */
  byUuid(uuid: string): JsonObject | null {
    const leaf = uuid.toLowerCase().slice(-64);
    const isOurs = uuid.length === 64 || uuid.toLowerCase() === uuidOf(leaf);
    const index = isOurs ? this.#indexByLeaf.get(leaf) : undefined;
    return index === undefined ? null : this.byIndex(index);
  }

  byIndex(index: number): JsonObject | null {
    const stored = this.#stored[index];
    if (stored === undefined) return null;
    const { body, integratedTime, logIndex, signedEntryTimestamp } = stored;
    const entry = { body: body.toString('base64'), integratedTime, logID: this.logId.toString('hex'), logIndex };
    const verification = { inclusionProof: this.#proof(index), signedEntryTimestamp };
    return { [uuidOf(leafHash(body).toString('hex'))]: { ...entry, verification } };
  }

  /** Answer of `GET /api/v1/log`. */
  state(): object {
    const { size } = this.#tree;
    const rootHash = this.#tree.root().toString('hex');
    return {
      rootHash,
      signedTreeHead: this.#checkpoint(),
      treeID: String(TREE_ID),
      treeSize: size,
      inactiveShards: [],
    };
  }

  get size(): number {
    return this.#tree.size;
  }

  entries(): readonly LoggedEntry[] {
    return this.#stored.map(({ body, integratedTime, logIndex }) => {
      const { kind = '', spec } = readJson(body) ?? {};
      const [signature] = listAt(spec, 'signatures');
      const verifier = textAt(spec, 'signature', 'publicKey', 'content') || textAt(signature, 'verifier');
      return {
        log: 'rekor-v1',
        logIndex,
        kind: String(kind),
        digest: textAt(spec, 'data', 'hash', 'value') || textAt(spec, 'payloadHash', 'value'),
        verifier: Buffer.from(verifier, 'base64').toString(),
        integratedTime,
        body,
      };
    });
  }

  #proof(logIndex: number): object {
    return {
      checkpoint: this.#checkpoint(),
      hashes: this.#tree.path(logIndex).map((hash) => hash.toString('hex')),
      logIndex,
      rootHash: this.#tree.root().toString('hex'),
      treeSize: this.#tree.size,
    };
  }

  #checkpoint(): string {
    const state = { origin: `${this.#host} - ${TREE_ID}`, size: this.#tree.size, root: this.#tree.root() };
    const keyHint = this.logId.subarray(0, 4);
    return signCheckpoint(state, { keyHint, sign: (note) => sign('sha256', note, this.#privateKey) });
  }
}

function uuidOf(leaf: string): string {
  return TREE_ID.toString(16).padStart(16, '0') + leaf;
}
