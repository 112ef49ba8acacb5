// SPDX-License-Identifier: Apache-2.0
import { isRepositoryPath } from '@promograph/oci';
import { readJson } from './body-reader.ts';
import type { Answer, Call, HostSession } from './host-session.ts';
import { type PagePlace, PageWalk } from './page-walk.ts';
import type { CallOptions } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';
import { CATALOG_SCOPE } from './scope.ts';

const MAX_PAGE_BYTES = 16 * 1024 * 1024;

/** Hosts without a catalogue say so in different ways; one that refuses ours is as good as one that has none. */
const NO_CATALOG: readonly number[] = [404, 405, 501];

/** Repository paths from `_catalog`, all pages; null when the host has no catalogue. */
export async function listCatalog(session: HostSession, options: CallOptions): Promise<readonly string[] | null> {
  const walk = new PageWalk(session.origin, `/v2/_catalog?n=${session.profile.pageSize}`);
  const names = new Set<string>();
  for (let place: PagePlace | null = walk.first; place !== null;) {
    const page = await readPage(session, place, options);
    if (page === null) return null;
    for (const name of page.names) names.add(name);
    place = walk.next(page.link, page.url);
  }
  return [...names];
}

interface CatalogPage {
  readonly names: readonly string[];
  readonly link: string | string[] | undefined;
  readonly url: string;
}

async function readPage(session: HostSession, place: PagePlace, options: CallOptions): Promise<CatalogPage | null> {
  const call: Call = {
    method: 'GET',
    ...place,
    action: 'list',
    priority: options.priority ?? 'scan',
    repository: '',
    scopes: [CATALOG_SCOPE],
    alsoExpects: NO_CATALOG,
    signal: options.signal,
  };
  const read = async (answer: Answer): Promise<CatalogPage | null> => {
    if (NO_CATALOG.includes(answer.status)) return null;
    const { url } = answer;
    const json = await readJson(answer, { method: 'GET', url, maxBytes: MAX_PAGE_BYTES, signal: options.signal });
    const names =
      typeof json === 'object' && json !== null && 'repositories' in json ? (json.repositories ?? []) : null;
    if (!Array.isArray(names)) {
      throw new RegistryError('REGISTRY_PROTOCOL', 'a catalogue of another shape', { method: 'GET', url });
    }
    return { names: names.filter(isPathText), link: answer.headers['link'], url };
  };
  return session.operation(() => session.exchange(call, read), options.signal);
}

function isPathText(value: unknown): value is string {
  return typeof value === 'string' && isRepositoryPath(value);
}
