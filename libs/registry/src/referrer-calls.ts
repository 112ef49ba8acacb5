// SPDX-License-Identifier: Apache-2.0
import {
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestHex,
  MAX_MANIFEST_BYTES,
  MEDIA_TYPES,
  parseManifestDocument,
  type Repository,
} from '@promograph/oci';
import { readBody } from './body-reader.ts';
import { repositoryPath } from './content-path.ts';
import type { Answer, Call, HostSession } from './host-session.ts';
import { getManifest } from './manifest-calls.ts';
import { type PagePlace, PageWalk } from './page-walk.ts';
import type { CallOptions, ReferrersOptions } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';
import { pullScope } from './scope.ts';

/** Referrers of one subject that are looked at: more is an attack or a leak, not a set of signatures. */
const MAX_REFERRERS = 10_000;

/** Tag of the index that stands in for the referrers API (distribution-spec, "Referrers Tag Schema"). */
export function referrersTag(subject: Digest): string {
  // The specification cuts what is longer than a tag may be: sha512 keeps 64 of its 128 digits.
  return `${digestAlgorithm(subject)}-${digestHex(subject).slice(0, 64)}`;
}

/** Descriptors of everything that names `subject`, by the API or, where the host answers 404, by the fallback tag. */
export async function listReferrers(
  session: HostSession,
  target: { readonly repository: Repository; readonly subject: Digest },
  options: ReferrersOptions,
): Promise<readonly Descriptor[]> {
  const { repository, subject } = target;
  const walk = new PageWalk(session.origin, `${repositoryPath(repository)}/referrers/${subject}`);
  const found: Descriptor[] = [];
  for (let place: PagePlace | null = walk.first; place !== null;) {
    const page = await readPage(session, { repository, place }, options);
    if (page === null) return options.fallbackTag === false ? [] : fallback(session, target, options);
    found.push(...page.referrers);
    if (found.length > MAX_REFERRERS) {
      throw new RegistryError('REGISTRY_PROTOCOL', `more than ${MAX_REFERRERS} referrers`, {
        method: 'GET',
        url: page.url,
      });
    }
    place = walk.next(page.link, page.url);
  }
  return found;
}

interface ReferrersPage {
  readonly referrers: readonly Descriptor[];
  readonly link: string | string[] | undefined;
  readonly url: string;
}

async function readPage(
  session: HostSession,
  page: { readonly repository: Repository; readonly place: PagePlace },
  options: CallOptions,
): Promise<ReferrersPage | null> {
  const call: Call = {
    method: 'GET',
    ...page.place,
    action: 'list',
    priority: options.priority ?? 'scan',
    repository: page.repository.path,
    scopes: [pullScope(page.repository.path)],
    headers: { accept: MEDIA_TYPES.ociIndex },
    alsoExpects: [404],
    signal: options.signal,
  };
  const read = async (answer: Answer): Promise<ReferrersPage | null> => {
    if (answer.status === 404) return null;
    const limit = { method: 'GET', url: answer.url, maxBytes: MAX_MANIFEST_BYTES, signal: options.signal };
    const { children } = parseManifestDocument(await readBody(answer, limit), MEDIA_TYPES.ociIndex);
    return { referrers: children, link: answer.headers['link'], url: answer.url };
  };
  return session.operation(() => session.exchange(call, read), options.signal);
}

async function fallback(
  session: HostSession,
  target: { readonly repository: Repository; readonly subject: Digest },
  options: CallOptions,
): Promise<readonly Descriptor[]> {
  const place = { session, repository: target.repository, reference: referrersTag(target.subject) };
  const index = await getManifest(place, options);
  return index === null || index.mediaType !== MEDIA_TYPES.ociIndex ? [] : index.children;
}
