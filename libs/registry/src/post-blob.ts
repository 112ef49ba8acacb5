// SPDX-License-Identifier: Apache-2.0
import type { Descriptor, Repository } from '@promograph/oci';
import { hasBlob } from './content-calls.ts';
import { repositoryPath } from './content-path.ts';
import { type Answer, type Call, type HostSession } from './host-session.ts';
import { safeLocation } from './redirect-policy.ts';
import type { BlobPost, CallOptions } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';
import { pushScope } from './scope.ts';

/** What is sent to a host that is not known yet: it may drop it, or the connection with it. */
const TRIAL_BYTES = 64 * 1024;

/** A blob in memory, and where it is to be. */
export interface PostedBlob {
  readonly repository: Repository;
  readonly blob: Descriptor;
  readonly bytes: Uint8Array;
}

/**
 * Whether a host takes a blob with the request that starts its upload, as it may (distribution-spec, "Single POST"): learnt from the
 * first, while others wait. A host that says so has to show that blob once before it is believed.
 */
export class SinglePost {
  readonly #session: HostSession;
  #isTaken: boolean | null = null;
  #first: Promise<void> | null = null;

  constructor(session: HostSession) {
    this.#session = session;
  }

  /** See `RegistryClient.postBlob`. */
  async post(target: PostedBlob, options: CallOptions): Promise<BlobPost> {
    while (this.#isTaken === null && this.#first !== null) await this.#first;
    if (this.#isTaken === false) return UNSUPPORTED;
    if (this.#isTaken === true) return this.#send(target, options);
    if (target.bytes.length > TRIAL_BYTES) return UNSUPPORTED;
    const asking = this.#ask(target, options);
    const forget = (): void => {
      this.#first = null;
    };
    this.#first = asking.then(forget, forget);
    return asking;
  }

  /** One try, whatever the host makes of it: what is wrong with more than this request, a plain start of an upload will tell. */
  async #ask(target: PostedBlob, options: CallOptions): Promise<BlobPost> {
    try {
      const posted = await this.#exchange(target, options);
      this.#isTaken = posted.kind === 'written' && (await this.#isShown(target, options));
      return posted.kind === 'written' && !this.#isTaken ? UNSUPPORTED : posted;
    } catch (error) {
      if (!(error instanceof RegistryError) || options.signal?.aborted) throw error;
      if (error.code !== 'REGISTRY_RATE_LIMITED') this.#isTaken = false;
      return UNSUPPORTED;
    }
  }

  #isShown({ repository, blob }: PostedBlob, options: CallOptions): Promise<boolean> {
    return hasBlob(this.#session, { repository, digest: blob.digest }, options);
  }

  /** The same bytes may be sent again: an upload that was not noticed does no harm. */
  #send(target: PostedBlob, options: CallOptions): Promise<BlobPost> {
    return this.#session.operation(() => this.#exchange(target, options), options.signal);
  }

  #exchange(target: PostedBlob, options: CallOptions): Promise<BlobPost> {
    const session = this.#session;
    return session.exchange(postCall(target, options), (answer) => postOf(session, target, answer));
  }
}

const UNSUPPORTED: BlobPost = { kind: 'unsupported' };

function postCall({ repository, blob, bytes }: PostedBlob, options: CallOptions): Call {
  return {
    method: 'POST',
    path: `${repositoryPath(repository)}/blobs/uploads/?digest=${encodeURIComponent(blob.digest)}`,
    action: 'upload',
    priority: options.priority ?? 'upload',
    repository: repository.path,
    scopes: [pushScope(repository.path)],
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(bytes.length) },
    body: bytes,
    signal: options.signal,
  };
}

function postOf(session: HostSession, { repository, blob }: PostedBlob, answer: Answer): BlobPost {
  if (answer.status === 201) {
    const stored = answer.headers['docker-content-digest'];
    return typeof stored === 'string' && stored !== blob.digest ? UNSUPPORTED : { kind: 'written' };
  }
  const { location } = answer.headers;
  if (answer.status !== 202 || typeof location !== 'string') return UNSUPPORTED;
  const target = safeLocation(location, new URL(answer.url), new URL(session.origin).hostname);
  return { kind: 'started', session: { repository, location: target } };
}
