// SPDX-License-Identifier: Apache-2.0
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { json } from '@sigstore/core';
import { Key, Metadata, MetaFile, Root, Signature, Snapshot, TargetFile, Targets, Timestamp } from '@tufjs/models';

/** A target: its bytes, and for older clients what it is used for. */
export interface TufTarget {
  readonly content: string;
  readonly usage?: 'Fulcio' | 'Rekor' | 'CTFE' | 'TSA';
}

const ROLES = ['root', 'targets', 'snapshot', 'timestamp'] as const;
const SPEC_VERSION = '1.0.0';

/**
 * The files of a TUF repository at version 1, by path below its URL: consistent snapshots, one Ed25519 key for all
 * roles. `root.json` is the file that clients are initialised with.
 */
export function tufRepository(
  targets: Readonly<Record<string, TufTarget>>,
  expires: Date,
): ReadonlyMap<string, Buffer> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = tufKey(publicKey);
  const options = { version: 1, specVersion: SPEC_VERSION, expires: expires.toISOString().replace(/\.\d+Z$/, 'Z') };
  const signed = (content: Root | Targets | Snapshot | Timestamp): Buffer => {
    const metadata = new Metadata(content);
    const signer = (data: Buffer): Signature =>
      new Signature({ keyID: key.keyID, sig: sign(null, data, privateKey).toString('hex') });
    metadata.sign(signer);
    return Buffer.from(JSON.stringify(metadata.toJSON()));
  };

  const root = new Root({ ...options, consistentSnapshot: true });
  for (const role of ROLES) root.addKey(key, role);
  const listed = new Targets(options);
  const files = new Map<string, Buffer>();
  for (const [path, target] of Object.entries(targets)) {
    const content = Buffer.from(target.content);
    const hash = hashes(content);
    listed.addTarget(
      new TargetFile({ path, length: content.length, hashes: hash, unrecognizedFields: custom(target) }),
    );
    files.set(`targets/${hash.sha256}.${path}`, content);
  }
  const targetsJson = signed(listed);
  const snapshotJson = signed(new Snapshot({ ...options, meta: { 'targets.json': metaFile(targetsJson) } }));
  const rootJson = signed(root);
  return files
    .set('root.json', rootJson)
    .set('1.root.json', rootJson)
    .set('1.targets.json', targetsJson)
    .set('1.snapshot.json', snapshotJson)
    .set('timestamp.json', signed(new Timestamp({ ...options, snapshotMeta: metaFile(snapshotJson) })));
}

/** The key's id is the hash of its canonical JSON, which clients compute again. */
function tufKey(publicKey: KeyObject): Key {
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
  const description = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: raw } };
  const keyID = createHash('sha256').update(json.canonicalize(description)).digest('hex');
  return new Key({ keyID, keyType: 'ed25519', scheme: 'ed25519', keyVal: { public: raw } });
}

function metaFile(content: Buffer): MetaFile {
  return new MetaFile({ version: 1, length: content.length, hashes: { ...hashes(content) } });
}

function hashes(content: Buffer): { readonly sha256: string; readonly sha512: string } {
  const hash = (name: string): string => createHash(name).update(content).digest('hex');
  return { sha256: hash('sha256'), sha512: hash('sha512') };
}

/** What clients before `trusted_root.json` look for. */
function custom({ usage }: TufTarget): Record<string, { sigstore: { status: string; usage: string } }> {
  return usage === undefined ? {} : { custom: { sigstore: { status: 'Active', usage } } };
}
