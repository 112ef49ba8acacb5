// SPDX-License-Identifier: Apache-2.0
import { type Digest, isDigest, parseRepository, type Repository } from '@promograph/oci';
import { compareText } from '@promograph/plan';
import type { RegistryClient } from '@promograph/registry';
import { type BundleReferrer, SIGN_PREDICATE_TYPE, type SignatureStore, SigningError } from '@promograph/signing';
import type { LimitFunction } from 'p-limit';
import type { ReplicationRoute } from './replication-route.ts';
import type { ReplicationTally } from './replication-tally.ts';
import { subjectOfTag } from './repository-lists.ts';

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

/** A canonical repository and the tags that its listing showed. */
export interface ReferrerRoute {
  readonly route: ReplicationRoute;
  readonly tags: readonly string[];
}

/**
 * Brings the bundles about the digests of canonical repositories, and about everything below them, to the mirrors that list
 * them not: one listing per digest, and one more per mirror where there are any. Other referrers are not touched.
 */
export async function replicateReferrers(routes: readonly ReferrerRoute[], ports: ReferrerPorts): Promise<void> {
  await Promise.all(
    routes.map(async (route) => {
      const subjects = await subjectsOf(route, ports);
      await Promise.all(subjects.map((subject) => ports.limit(() => serveSubject(route.route, subject, ports))));
    }),
  );
}

/** Digests that may have bundles: those of the manifests with their children, and those that tags tell of. */
async function subjectsOf({ route, tags }: ReferrerRoute, ports: ReferrerPorts): Promise<readonly Digest[]> {
  const repository = parseRepository(route.canonical);
  const found = new Set<Digest>(route.digests);
  for (const subject of tags.map(subjectOfTag)) if (subject !== null) found.add(subject);
  await Promise.all(
    route.digests.map((digest) =>
      ports.limit(async () => {
        ports.signal?.throwIfAborted();
        try {
          const document = await ports.client.getManifest(repository, digest, calling(ports));
          for (const child of document?.children ?? []) found.add(child.digest);
        } catch (error) {
          ports.signal?.throwIfAborted();
          ports.tally.unlisted(route.canonical, error, route.mirrors.length);
        }
      }),
    ),
  );
  return [...found].sort(compareText);
}

async function serveSubject(route: ReplicationRoute, subject: Digest, ports: ReferrerPorts): Promise<void> {
  const source = parseRepository(route.canonical);
  const held = await listed(source, subject, { ports, edges: route.mirrors.length });
  if (held === null || held.size === 0) return;
  const bundles = new BundlesOf(source, subject, ports);
  for (const mirror of route.mirrors) {
    const destination = parseRepository(mirror);
    const there = await listed(destination, subject, { ports, edges: held.size });
    if (there === null) continue;
    ports.tally.present += [...held].filter((digest) => there.has(digest)).length;
    const missing = [...held].filter((digest) => !there.has(digest));
    if (missing.length > 0) await serveMirror({ route, mirror, subject, missing, bundles }, ports);
  }
}

interface MissingBundles {
  readonly route: ReplicationRoute;
  readonly mirror: string;
  readonly subject: Digest;
  readonly missing: readonly Digest[];
  readonly bundles: BundlesOf;
}

/** One after the other, the signature first: an image whose only bundle is an attestation would be misread by cosign. */
async function serveMirror(wanted: MissingBundles, ports: ReferrerPorts): Promise<void> {
  const { route, mirror, subject, missing, bundles } = wanted;
  const destination = parseRepository(mirror);
  const found = await bundles.read(missing);
  for (const { digest, bundle } of found) {
    const item = { source: route.canonical, destination: mirror, reference: digest };
    const carry = async (): Promise<'copied' | 'planned' | 'present'> => {
      if (bundle instanceof Error) throw bundle;
      if (!ports.confirm) return 'planned';
      const { status } = await ports.store.carryBundle(destination, subject, bundle, calling(ports));
      return status === 'written' ? 'copied' : 'present';
    };
    await ports.tally.settle(item, carry, ports.signal);
  }
}

interface FoundBundle {
  readonly digest: Digest;
  /** An error where it is there and cannot be carried. */
  readonly bundle: BundleReferrer | Error;
}

/** The bundles about one digest at its source, each read once for all mirrors. */
class BundlesOf {
  readonly #source: Repository;
  readonly #subject: Digest;
  readonly #ports: ReferrerPorts;
  readonly #known = new Map<Digest, FoundBundle | null>();

  constructor(source: Repository, subject: Digest, ports: ReferrerPorts) {
    this.#source = source;
    this.#subject = subject;
    this.#ports = ports;
  }

  /** Those of `digests` that are bundles, signatures first; what is no bundle is nobody's business here. */
  async read(digests: readonly Digest[]): Promise<readonly FoundBundle[]> {
    const unknown = digests.filter((digest) => !this.#known.has(digest));
    if (unknown.length > 0) await this.#gather(unknown);
    return digests
      .flatMap((digest) => this.#known.get(digest) ?? [])
      .sort((a, b) => Number(isSignature(b)) - Number(isSignature(a)) || compareText(a.digest, b.digest));
  }

  async #gather(digests: readonly Digest[]): Promise<void> {
    const { store } = this.#ports;
    const named = { sig: null, att: null, referrers: digests };
    const failAll = (error: Error): void => {
      for (const digest of digests) this.#known.set(digest, { digest, bundle: error });
    };
    try {
      const evidence = await store.gatherExact(this.#source, this.#subject, named, calling(this.#ports));
      if (evidence.excess !== null) return failAll(new SigningError('SIGNING_STORE', evidence.excess));
      for (const digest of digests) this.#known.set(digest, null);
      for (const piece of evidence.pieces) {
        if (piece.layout === 'bundle') this.#known.set(piece.manifest, { digest: piece.manifest, bundle: piece });
      }
      for (const { location, message } of evidence.unreadable) {
        const digest = location.slice(location.indexOf('@') + 1);
        if (isDigest(digest)) this.#known.set(digest, { digest, bundle: new SigningError('SIGNING_STORE', message) });
      }
    } catch (error) {
      this.#ports.signal?.throwIfAborted();
      failAll(error instanceof Error ? error : new SigningError('SIGNING_STORE', String(error)));
    }
  }
}

function isSignature({ bundle }: FoundBundle): boolean {
  return !(bundle instanceof Error) && bundle.annotatedType === SIGN_PREDICATE_TYPE;
}

/** Digests of the referrers of one subject, or null after taking note that they cannot be listed. */
async function listed(
  repository: Repository,
  subject: Digest,
  { ports, edges }: { readonly ports: ReferrerPorts; readonly edges: number },
): Promise<ReadonlySet<Digest> | null> {
  ports.signal?.throwIfAborted();
  try {
    ports.tally.listRequests += 1;
    const referrers = await ports.client.listReferrers(repository, subject, calling(ports));
    return new Set(referrers.map(({ digest }) => digest));
  } catch (error) {
    ports.signal?.throwIfAborted();
    ports.tally.unlisted(`${repository.host}/${repository.path}`, error, edges);
    return null;
  }
}

function calling({ signal }: ReferrerPorts): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
