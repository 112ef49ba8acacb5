// SPDX-License-Identifier: Apache-2.0
import { errorMessage } from '@promograph/errors';
import type { Descriptor, Digest, ManifestDocument, Repository } from '@promograph/oci';
import { OciError, isPromotableType, printRepository } from '@promograph/oci';
import pLimit from 'p-limit';
import type { ClosureMemo } from './closure-memo.ts';
import type { Closure } from './copy-engine.ts';
import { orAborted } from './copy-settle.ts';
import type { RegistryClient } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';

/** Levels below the requested document that a copy takes: an index of indexes of images has two. */
export const MAX_CLOSURE_DEPTH: number = 3;
/** Documents of one closure that a copy takes, the requested one included. */
export const MAX_CLOSURE_DOCUMENTS: number = 500;
/** Bytes of all documents of one closure: 500 of ordinary size have 2 MB. */
const MAX_CLOSURE_BYTES: number = 32 * 1024 * 1024;

const CHILDREN_AT_ONCE = 8;

/** What a closure is read with. `closed` ends reads that nobody waits for any more. */
export interface ClosureReader {
  readonly client: RegistryClient;
  readonly memo: ClosureMemo;
  readonly closed: AbortSignal;
}

/**
 * Everything below `digest` at the source, level by level. Errors: `REGISTRY_NOT_FOUND`, `REGISTRY_DIGEST_MISMATCH` for a
 * child that is not what its index says, `OCI_UNSUPPORTED_MEDIA_TYPE` and `OCI_INVALID_MANIFEST` (also for bounds), each naming
 * the image.
 */
export async function readClosure(
  reader: ClosureReader,
  request: { readonly source: Repository; readonly digest: Digest; readonly signal?: AbortSignal | undefined },
): Promise<Closure> {
  const signal = request.signal ? AbortSignal.any([request.signal, reader.closed]) : reader.closed;
  signal.throwIfAborted();
  const { source } = request;
  const fetch = (digest: Digest): Promise<ManifestDocument> => orAborted(fetchDocument(reader, source, digest), signal);
  const root = await fetch(request.digest);
  const found = new Map<Digest, ManifestDocument>([[request.digest, root]]);
  let level = [root];
  for (let depth = 1; level.some(({ children }) => children.length > 0); depth += 1) {
    const wanted = unseenChildren(level, found, source);
    if (wanted.length > 0 && depth > MAX_CLOSURE_DEPTH) throw tooLarge(source, request.digest, 'nested too deeply');
    if (found.size + wanted.length > MAX_CLOSURE_DOCUMENTS)
      throw tooLarge(source, request.digest, 'too many manifests');
    level = await pLimit(CHILDREN_AT_ONCE).map(wanted, async (child) =>
      checkChild(source, child, await fetch(child.digest)),
    );
    for (const document of level) found.set(document.digest, document);
    if (totalBytes(found) > MAX_CLOSURE_BYTES) throw tooLarge(source, request.digest, 'too many bytes of manifests');
  }
  return { root, documents: childrenFirst(root, found) };
}

async function fetchDocument(reader: ClosureReader, source: Repository, digest: Digest): Promise<ManifestDocument> {
  return reader.memo.get(source, digest, async () => {
    const name = `${printRepository(source)}@${digest}`;
    const document = await reader.client
      .getManifest(source, digest, { signal: reader.closed, priority: 'manifest' })
      .catch((error: unknown) => {
        throw error instanceof OciError ? named(error, name) : error;
      });
    if (document === null) throw new RegistryError('REGISTRY_NOT_FOUND', `${name} is not there`);
    if (document.digest !== digest) throw mismatch(`${name} came as ${document.digest}`);
    return document;
  });
}

/** Children of a level that were not met before, in order; an unsupported type is refused before it is fetched. */
function unseenChildren(
  level: readonly ManifestDocument[],
  found: ReadonlyMap<Digest, ManifestDocument>,
  source: Repository,
): Descriptor[] {
  const wanted = new Map<Digest, Descriptor>();
  for (const parent of level) {
    for (const child of parent.children) {
      const met = found.get(child.digest);
      if (met) checkChild(source, child, met);
      if (!isPromotableType(child.mediaType)) {
        const name = `${printRepository(source)}@${parent.digest}`;
        const what = `unsupported media type: ${child.mediaType || '(none)'} of ${child.digest}`;
        throw new OciError('OCI_UNSUPPORTED_MEDIA_TYPE', `${name}: ${what}`);
      }
      const twin = wanted.get(child.digest);
      if (twin && twin.sizeBytes !== child.sizeBytes) throw mismatch(`${child.digest} is listed with two sizes`);
      if (!met) wanted.set(child.digest, child);
    }
  }
  return [...wanted.values()];
}

function checkChild(source: Repository, child: Descriptor, document: ManifestDocument): ManifestDocument {
  const name = `${printRepository(source)}@${child.digest}`;
  if (document.bytes.length !== child.sizeBytes) {
    throw mismatch(`${name} has ${document.bytes.length} bytes, its index says ${child.sizeBytes}`);
  }
  if (document.mediaType !== child.mediaType) {
    const what = `it is ${document.mediaType}, its index says ${child.mediaType}`;
    throw new OciError('OCI_INVALID_MANIFEST', `${name}: invalid manifest: ${what}`);
  }
  return document;
}

/** Depth first, each document once, behind all that it names. */
function childrenFirst(root: ManifestDocument, found: ReadonlyMap<Digest, ManifestDocument>): ManifestDocument[] {
  const ordered = new Set<ManifestDocument>();
  const visit = (document: ManifestDocument): void => {
    if (ordered.has(document)) return;
    for (const child of document.children) {
      const below = found.get(child.digest);
      if (below) visit(below);
    }
    ordered.add(document);
  };
  visit(root);
  return [...ordered];
}

function totalBytes(found: ReadonlyMap<Digest, ManifestDocument>): number {
  let total = 0;
  for (const { bytes } of found.values()) total += bytes.length;
  return total;
}

function named(error: OciError, name: string): OciError {
  return new OciError(error.code, `${name}: ${errorMessage(error)}`, { cause: error });
}

function mismatch(what: string): RegistryError {
  return new RegistryError('REGISTRY_DIGEST_MISMATCH', what);
}

function tooLarge(source: Repository, digest: Digest, what: string): OciError {
  const limits = `at most ${MAX_CLOSURE_DEPTH} levels, ${MAX_CLOSURE_DOCUMENTS} manifests, ${MAX_CLOSURE_BYTES} bytes`;
  return new OciError('OCI_INVALID_MANIFEST', `${printRepository(source)}@${digest}: ${what} (${limits})`);
}
