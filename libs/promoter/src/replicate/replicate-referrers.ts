// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, type Digest, parseRepository } from '@promograph/oci';
import { compareText } from '@promograph/plan';
import type { RegistryClient } from '@promograph/registry';
import type { SignatureStore } from '@promograph/signing';
import type { LimitFunction } from 'p-limit';
import type { ReplicationTally } from './replication-tally.ts';
import { subjectOfTag } from './repository-lists.ts';
import { SourceBundles } from './source-bundles.ts';

/** What bundles are replicated with. */
export interface ReferrerPorts {
  readonly client: RegistryClient;
  readonly store: SignatureStore;
  readonly signal: AbortSignal | undefined;
  readonly tally: ReplicationTally;
  /** Subjects at work at once. */
  readonly limit: LimitFunction;
  readonly confirm: boolean;
}

/** A mirror, as far as its listing tells what it lacks of the canonical repository's manifests; null where it does not. */
export interface ReferrerMirror {
  readonly name: string;
  readonly lacking: readonly Digest[] | null;
}

/** A canonical repository, the tags that its listing showed, and its mirrors. */
export interface ReferrerRoute {
  readonly canonical: string;
  readonly digests: readonly Digest[];
  readonly tags: readonly string[];
  readonly mirrors: readonly ReferrerMirror[];
}

/**
 * Brings the bundles about the digests of canonical repositories, and about everything below them, to mirrors. Where listings
 * tell all manifests, only those that a mirror lacks are looked at. Elsewhere it is one listing of referrers per digest, and one
 * more per mirror where there are any. Other referrers are not touched.
 */
export async function replicateReferrers(routes: readonly ReferrerRoute[], ports: ReferrerPorts): Promise<void> {
  await Promise.all(
    routes.map(async (route) => {
      await serveLacking(route, ports);
      const mirrors = route.mirrors.flatMap(({ name, lacking }) => (lacking === null ? [name] : []));
      if (mirrors.length === 0) return;
      const subjects = await subjectsOf(route, ports);
      const { canonical } = route;
      await Promise.all(
        subjects.map((subject) => ports.limit(() => serveSubject({ canonical, mirrors, subject }, ports))),
      );
    }),
  );
}

/** Whatever names a subject among the manifests that some mirror lacks. */
async function serveLacking({ canonical, mirrors }: ReferrerRoute, ports: ReferrerPorts): Promise<void> {
  const source = parseRepository(canonical);
  const lacked = [...new Set(mirrors.flatMap(({ lacking }) => lacking ?? []))];
  const bySubject = new Map<Digest, Set<Digest>>();
  const read = async (digest: Digest): Promise<void> => {
    const document = await orUnlisted(
      { repository: canonical, edges: 1 },
      () => ports.client.getManifest(source, digest, calling(ports)),
      ports,
    );
    if (!document?.subject) return;
    const referrers = bySubject.get(document.subject.digest) ?? new Set();
    bySubject.set(document.subject.digest, referrers.add(digest));
  };
  await Promise.all(lacked.map((digest) => ports.limit(() => read(digest))));
  const serve = async (subject: Digest, referrers: ReadonlySet<Digest>): Promise<void> => {
    const bundles = new SourceBundles(source, subject, ports);
    for (const { name, lacking } of mirrors) {
      const missing = (lacking ?? []).filter((digest) => referrers.has(digest));
      if (missing.length > 0) await serveMirror({ canonical, mirror: name, subject, missing, bundles }, ports);
    }
  };
  await Promise.all([...bySubject].map(([subject, referrers]) => ports.limit(() => serve(subject, referrers))));
}

/** Digests that may have bundles: those of the manifests with their children, and those that tags tell of. */
async function subjectsOf(route: ReferrerRoute, ports: ReferrerPorts): Promise<readonly Digest[]> {
  const repository = parseRepository(route.canonical);
  const found = new Set<Digest>(route.digests);
  for (const subject of route.tags.map(subjectOfTag)) if (subject !== null) found.add(subject);
  const readChildren = async (digest: Digest): Promise<void> => {
    const document = await orUnlisted(
      { repository: route.canonical, edges: 1 },
      () => ports.client.getManifest(repository, digest, calling(ports)),
      ports,
    );
    for (const child of document?.children ?? []) found.add(child.digest);
  };
  await Promise.all(route.digests.map((digest) => ports.limit(() => readChildren(digest))));
  return [...found].sort(compareText);
}

interface SubjectRoute {
  readonly canonical: string;
  readonly mirrors: readonly string[];
  readonly subject: Digest;
}

async function serveSubject({ canonical, mirrors, subject }: SubjectRoute, ports: ReferrerPorts): Promise<void> {
  const held = await listed(canonical, { subject, edges: mirrors.length }, ports);
  if (held === null || held.size === 0) return;
  const bundles = new SourceBundles(parseRepository(canonical), subject, ports);
  for (const mirror of mirrors) {
    const there = await listed(mirror, { subject, edges: held.size }, ports);
    if (there === null) continue;
    const missing = [...held].filter((digest) => !there.has(digest));
    ports.tally.present += held.size - missing.length;
    if (missing.length > 0) await serveMirror({ canonical, mirror, subject, missing, bundles }, ports);
  }
}

interface MissingBundles {
  readonly canonical: string;
  readonly mirror: string;
  readonly subject: Digest;
  readonly missing: readonly Digest[];
  readonly bundles: SourceBundles;
}

/** One after the other, the signature first: an image whose only bundle is an attestation would be misread by cosign. */
async function serveMirror(wanted: MissingBundles, ports: ReferrerPorts): Promise<void> {
  const { canonical, mirror, subject, missing, bundles } = wanted;
  const destination = parseRepository(mirror);
  const found = await bundles.read(missing);
  for (const { digest, bundle } of found) {
    const item = { source: canonical, destination: mirror, reference: digest };
    const carry = async (): Promise<'copied' | 'planned' | 'present'> => {
      if (bundle instanceof Error) throw bundle;
      if (!ports.confirm) return 'planned';
      const { status } = await ports.store.carryBundle(destination, subject, bundle, calling(ports));
      return status === 'written' ? 'copied' : 'present';
    };
    await ports.tally.settle(item, carry, ports.signal);
  }
}

/** Digests of the referrers of one subject, or null after taking note that they cannot be listed. */
async function listed(
  repository: string,
  { subject, edges }: { readonly subject: Digest; readonly edges: number },
  ports: ReferrerPorts,
): Promise<ReadonlySet<Digest> | null> {
  ports.tally.listRequests += 1;
  const list = (): Promise<readonly Descriptor[]> =>
    ports.client.listReferrers(parseRepository(repository), subject, calling(ports));
  const referrers = await orUnlisted({ repository, edges }, list, ports);
  return referrers && new Set(referrers.map(({ digest }) => digest));
}

/** The value, or null after taking note that `edges` things could not be looked for. Rejects only when cancelled. */
async function orUnlisted<Value>(
  place: { readonly repository: string; readonly edges: number },
  read: () => Promise<Value | null>,
  { signal, tally }: ReferrerPorts,
): Promise<Value | null> {
  signal?.throwIfAborted();
  try {
    return await read();
  } catch (error) {
    signal?.throwIfAborted();
    tally.unlisted(place.repository, error, place.edges);
    return null;
  }
}

function calling({ signal }: ReferrerPorts): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
