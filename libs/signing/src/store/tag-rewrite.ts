// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import { type ManifestDocument, OciError, printRepository, type Repository } from '@promograph/oci';
import { type CallOptions, type RegistryClient, RegistryError, type RegistryErrorCode } from '@promograph/registry';
import { SigningError } from '../signing-error.ts';

/** Reads of the tag, each but the last with a write: so often others may undo what was added. */
const ATTEMPTS = 7;
const PAUSE_MS = 10;

/** A tag whose document grows by reading, merging and writing. The caller holds its lease. */
export interface TagRewrite {
  readonly repository: Repository;
  readonly tag: string;
  /** What the tag holds, for messages: `signatures`. */
  readonly what: string;
  /** The document that should stand there instead, with its blobs at the registry; null when `current` will do. */
  readonly merge: (current: ManifestDocument | null) => Promise<ManifestDocument | null>;
  /** What to do where the registry lets no tag be moved. */
  readonly immutableHint: string;
}

/** What the tag holds in the end, and whether this rewrite wrote. */
export interface RewrittenTag {
  readonly document: ManifestDocument;
  readonly status: 'written' | 'present';
}

/**
 * Reads, merges, writes and reads back, until what was to be there is there: leases do not bind other programs, `If-Match` is
 * commonly ignored. Errors: those of the registry, and `SIGNING_STORE` where the tag cannot be moved, holds something else, or
 * others keep writing over it.
 */
export async function rewriteTag(
  client: RegistryClient,
  rewrite: TagRewrite,
  options: CallOptions,
): Promise<RewrittenTag> {
  const name = `${printRepository(rewrite.repository)}:${rewrite.tag}`;
  let status: RewrittenTag['status'] = 'present';
  let last: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    // The first read-back follows at once; a registry that still shows what was there before, or others, get time.
    if (attempt > 2) await delay(PAUSE_MS * 2 ** attempt * Math.random(), undefined, signalOf(options));
    const current = await readTag(client, rewrite, options);
    const document = await rewrite.merge(current);
    if (document === null && current !== null) return { document: current, status };
    if (document === null || attempt === ATTEMPTS) break;
    try {
      await client.putManifest(rewrite.repository, rewrite.tag, document, options);
      status = 'written';
    } catch (error) {
      // Without a status nobody knows what became of the write: what is there tells.
      if (!(error instanceof RegistryError) || error.code !== 'REGISTRY_REFUSED' || error.status !== null) {
        throw current === null ? error : immovable(error, rewrite, name);
      }
      status = 'written';
      last = error;
    }
  }
  throw new SigningError('SIGNING_STORE', `${name}: others keep writing over what was added`, {
    cause: last,
    retryable: true,
    hint: 'Run again when nobody else signs this image.',
  });
}

function signalOf({ signal }: CallOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

async function readTag(
  client: RegistryClient,
  { repository, tag, what }: TagRewrite,
  options: CallOptions,
): Promise<ManifestDocument | null> {
  try {
    return await client.getManifest(repository, tag, options);
  } catch (cause) {
    if (!(cause instanceof OciError)) throw cause;
    const name = `${printRepository(repository)}:${tag}`;
    throw new SigningError('SIGNING_STORE', `${name} holds no ${what}: ${cause.message}`, { cause });
  }
}

const REFUSALS: readonly RegistryErrorCode[] = ['REGISTRY_REFUSED', 'REGISTRY_FORBIDDEN'];

/** A registry that takes a new tag and refuses to move one has immutable tags; so far as anybody can tell from outside. */
function immovable(error: unknown, { what, immutableHint }: TagRewrite, name: string): unknown {
  if (!(error instanceof RegistryError) || !REFUSALS.includes(error.code)) return error;
  return new SigningError(
    'SIGNING_STORE',
    `${name} exists, and the registry refuses to add ${what}: ${error.message}`,
    {
      cause: error,
      hint: immutableHint,
    },
  );
}
