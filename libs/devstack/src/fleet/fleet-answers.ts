// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { MEDIA_TYPES } from '@promograph/oci';
import { childrenOf, type GoogleManifest } from '../registry/google-listing.ts';
import { paginate } from '../registry/paginate.ts';
import type { FleetRepository } from './fleet-state.ts';

/** An answer of a stand-in; HEAD leaves the body out. */
export interface FleetAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Milliseconds of 2022-01-31: every image of a stand-in was uploaded then. */
const UPLOADED_MS = '1643587200000';
const ROUTE = /^\/v2\/(.+)\/(?:(tags)\/list|manifests\/([^/]+)|referrers\/([^/]+))$/;
const ERRORS: Readonly<Record<string, number>> = { NAME_UNKNOWN: 404, MANIFEST_UNKNOWN: 404, UNSUPPORTED: 405 };

/** The answers of one host, made once: a listing is served as bytes that are already there. */
export class FleetAnswers {
  readonly #repositories: ReadonlyMap<string, FleetRepository>;
  readonly #listings = new Map<string, FleetAnswer>();
  readonly #listing: 'google' | 'plain';
  readonly #hasReferrers: boolean;

  constructor(
    repositories: ReadonlyMap<string, FleetRepository>,
    { listing, hasReferrers }: { readonly listing: 'google' | 'plain'; readonly hasReferrers: boolean },
  ) {
    this.#repositories = repositories;
    this.#listing = listing;
    this.#hasReferrers = hasReferrers;
    for (const [name, repository] of repositories) this.#listings.set(name, this.#list(name, repository));
    if (listing === 'google') this.#addParents();
  }

  /**
   * Answers GET and HEAD of `/v2/`, `tags/list`, referrers and manifests by tag or digest. There is no content to pull, and
   * nothing refers to anything.
   */
  answer(method: string, url: string): FleetAnswer {
    const [path = '', search = ''] = url.split('?');
    if (path === '/v2/' || path === '/v2') return json({});
    const [, name = '', tags, reference = '', subject] = ROUTE.exec(path) ?? [];
    if (name === '' || (method !== 'GET' && method !== 'HEAD')) return failure('UNSUPPORTED');
    if (subject !== undefined) return this.#hasReferrers ? NO_REFERRERS : failure('NAME_UNKNOWN');
    if (tags === undefined) {
      const manifest = this.#manifest(name, decodeURIComponent(reference));
      return method === 'HEAD' || manifest.status !== 200 ? manifest : failure('UNSUPPORTED');
    }
    const listing = this.#listings.get(name);
    if (!listing) return failure('NAME_UNKNOWN');
    return search === '' || this.#listing === 'google' ? listing : this.#page(name, path, search);
  }

  #manifest(name: string, reference: string): FleetAnswer {
    const repository = this.#repositories.get(name);
    if (!repository) return failure('NAME_UNKNOWN');
    const digest = repository.digests.has(reference) ? reference : repository.tags.get(reference);
    if (digest === undefined) return failure('MANIFEST_UNKNOWN');
    const { mediaType, sizeBytes } = traitsOf(digest);
    const headers = {
      'content-type': mediaType,
      'content-length': String(sizeBytes),
      'docker-content-digest': digest,
    };
    return { status: 200, headers, body: Buffer.alloc(0) };
  }

  #list(name: string, { tags, digests }: FleetRepository): FleetAnswer {
    const sorted = [...tags.keys()].sort();
    if (this.#listing === 'plain') return json({ name, tags: sorted });
    const byDigest = Map.groupBy(sorted, (tag) => tags.get(tag) ?? '');
    const manifest = Object.fromEntries(
      Array.from(digests, (digest) => [digest, describe(digest, byDigest.get(digest) ?? [])]),
    );
    return json({ child: childrenOf(name, this.#repositories.keys()), manifest, name, tags: sorted });
  }

  #page(name: string, path: string, search: string): FleetAnswer {
    const sorted = [...(this.#repositories.get(name)?.tags.keys() ?? [])].sort();
    const { names: tags, headers } = paginate(sorted, new URLSearchParams(search), path);
    const answer = json({ name, tags });
    return { ...answer, headers: { ...answer.headers, ...headers } };
  }

  /** Paths above repositories list their children. */
  #addParents(): void {
    for (const name of this.#repositories.keys()) {
      const parts = name.split('/');
      for (let length = parts.length - 1; length > 0; length -= 1) {
        const parent = parts.slice(0, length).join('/');
        if (this.#listings.has(parent)) continue;
        this.#listings.set(parent, this.#list(parent, { tags: new Map(), digests: new Set() }));
      }
    }
  }
}

/** The referrers API where nothing refers to the subject. */
const NO_REFERRERS: FleetAnswer = json({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] });

function describe(digest: string, tag: readonly string[]): GoogleManifest {
  const { mediaType, sizeBytes } = traitsOf(digest);
  return {
    imageSizeBytes: String(sizeBytes * 10_000),
    layerId: '',
    mediaType,
    tag,
    timeCreatedMs: UPLOADED_MS,
    timeUploadedMs: UPLOADED_MS,
  };
}

/** Made up from the digest: one in eight is an index. */
function traitsOf(digest: string): { mediaType: string; sizeBytes: number } {
  const byte = createHash('sha256').update(digest).digest().readUInt8(0);
  return { mediaType: byte % 8 === 0 ? MEDIA_TYPES.dockerList : MEDIA_TYPES.dockerManifest, sizeBytes: 700 + byte };
}

function json(value: object, status = 200): FleetAnswer {
  const body = Buffer.from(JSON.stringify(value));
  return { status, headers: { 'content-type': 'application/json', 'content-length': String(body.length) }, body };
}

function failure(code: string): FleetAnswer {
  return json({ errors: [{ code, message: code.toLowerCase() }] }, ERRORS[code] ?? 400);
}
