// SPDX-License-Identifier: Apache-2.0
import { type Digest, isDigest, type Repository } from '@promograph/oci';
import { compareText } from '@promograph/plan';
import { type BundleReferrer, SIGN_PREDICATE_TYPE, type SignatureStore, SigningError } from '@promograph/signing';

/** A bundle at its source. */
export interface FoundBundle {
  readonly digest: Digest;
  /** An error where it is there and cannot be carried. */
  readonly bundle: BundleReferrer | Error;
}

/** The bundles about one digest at its source, each read once for all mirrors. */
export class SourceBundles {
  readonly #source: Repository;
  readonly #subject: Digest;
  readonly #ports: SourcePorts;
  readonly #known = new Map<Digest, FoundBundle | null>();

  constructor(source: Repository, subject: Digest, ports: SourcePorts) {
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

  #calling(): { readonly signal?: AbortSignal } {
    const { signal } = this.#ports;
    return signal === undefined ? {} : { signal };
  }

  async #gather(digests: readonly Digest[]): Promise<void> {
    const { store } = this.#ports;
    const named = { sig: null, att: null, referrers: digests };
    const failAll = (error: Error): void => {
      for (const digest of digests) this.#known.set(digest, { digest, bundle: error });
    };
    try {
      const evidence = await store.gatherExact(this.#source, this.#subject, named, this.#calling());
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

/** What they are read with. */
interface SourcePorts {
  readonly store: SignatureStore;
  readonly signal: AbortSignal | undefined;
}

function isSignature({ bundle }: FoundBundle): boolean {
  return !(bundle instanceof Error) && bundle.annotatedType === SIGN_PREDICATE_TYPE;
}
