// SPDX-License-Identifier: Apache-2.0
import { encodeQuery } from './location.ts';
import { type Backend, contentAt, type BlobStore, type Policy, type RegionPolicy } from './policy.ts';
import { type ContentRequest, parseRequest, type RequestForm } from './request-form.ts';
import { isSignatureTag } from './signature-tag.ts';

/** A request as the decision sees it. */
export interface FrontRequest {
  readonly method: string;
  /** As it was sent, without the query. */
  readonly path: string;
  /** Behind the question mark, as it was sent; '' without one. */
  readonly query: string;
  /** Region that the client was placed in; an unknown one is taken for the default. */
  readonly region: string;
  /** Label of the range that the client's address is in, such as `aws:eu-west-2`. */
  readonly label: string | null;
}

/** Asks a backend whether it has something. */
export interface Question {
  readonly backend: Backend;
  readonly kind: ContentRequest['kind'];
  /** What stands behind the backend's base. Answers are remembered by both. */
  readonly content: string;
  /** What to ask: the address that a client would be sent to, without query. */
  readonly url: string;
}

/**
 * What is known of the answer. `failed`: the backend did not answer it. `refused`: too many questions are asked.
 * `overflow`: the same, and the canonical registry takes this one unasked.
 */
export type Presence = 'present' | 'absent' | 'unknown' | 'failed' | 'refused' | 'overflow';

/** What the decision knows beside the request. */
export interface Knowledge {
  isHealthy(backend: Backend): boolean;
  presence(question: Question): Presence;
}

/** Why a request is answered as it is. */
export type Reason =
  /** It is answered here. */
  | 'ping'
  | 'page'
  | 'refused'
  | 'taken-down'
  /** Its form says that it is about signatures. */
  | 'signature'
  /** The region has it, or is not asked whether it has. */
  | 'region'
  /** The region fails, and the next one serves. */
  | 'next-region'
  | 'object-store'
  /** The region does not have it. */
  | 'absent'
  /** The region did not tell whether it has it. */
  | 'unanswered'
  /** Too many questions were asked; the canonical registry has manifests for sure. */
  | 'overflow'
  /** Nothing is healthy: the client's own error tells the truth. */
  | 'all-failing';

/** An answer given here. */
export interface Answer {
  readonly kind: 'answer';
  readonly form: RequestForm['kind'];
  readonly status: 200 | 400 | 404 | 405 | 451;
  /** Code of the distribution specification; '' for status 200. */
  readonly code: string;
  readonly reason: Reason;
}

/** A redirect (307). */
export interface Redirect {
  readonly kind: 'redirect';
  readonly form: RequestForm['kind'];
  readonly location: string;
  /** Null for a page of information. */
  readonly backend: Backend | null;
  readonly reason: Reason;
}

/** What is done with a request. `ask`: the answer must be known first; ask, and decide again. */
export type Decision = Answer | Redirect | { readonly kind: 'ask'; readonly question: Question };

/** Decides about one request. Pure: equal arguments give equal decisions. */
export function decide(request: FrontRequest, policy: Policy, knowledge: Knowledge): Decision {
  const form = parseRequest(request.method, request.path);
  switch (form.kind) {
    case 'refused':
      return { kind: 'answer', form: form.kind, status: form.status, code: form.code, reason: 'refused' };
    case 'ping':
      return { kind: 'answer', form: form.kind, status: 200, code: '', reason: 'ping' };
    case 'information':
    case 'privacy':
      return page(form.kind, policy.pages[form.kind]);
    default:
      return new ContentDecision({ request, form, policy, knowledge }).make();
  }
}

function page(form: 'information' | 'privacy', location: string | null): Decision {
  if (location === null) return { kind: 'answer', form, status: 404, code: 'NOT_FOUND', reason: 'refused' };
  return { kind: 'redirect', form, location, backend: null, reason: 'page' };
}

interface ContentCase {
  readonly request: FrontRequest;
  readonly form: ContentRequest;
  readonly policy: Policy;
  readonly knowledge: Knowledge;
}

class ContentDecision {
  readonly #case: ContentCase;
  /** The backend asked about, and its address: mostly also where the client goes. */
  #asked: Question | null = null;

  constructor(content: ContentCase) {
    this.#case = content;
  }

  make(): Decision {
    const { form, policy, knowledge } = this.#case;
    if (policy.takedowns.has(form)) {
      return { kind: 'answer', form: form.kind, status: 451, code: 'DENIED', reason: 'taken-down' };
    }
    const isSignature =
      form.kind === 'referrers' || (form.kind === 'manifest-by-tag' && isSignatureTag(form.reference));
    if (isSignature) return this.#toCanonical('signature');
    const region = this.#region();
    const fromStore = form.kind === 'blob' && region.blobs !== null ? this.#fromStore(region.blobs) : null;
    if (fromStore !== null) return fromStore;
    const healthy = region.registries.find((backend) => knowledge.isHealthy(backend));
    const serving = healthy ?? region.registries[0] ?? firstOf(policy.canonical);
    if (healthy === undefined) return this.#redirect(serving, 'all-failing');
    const isOwn = serving === region.registries[0];
    return this.#toRegion(serving, isOwn ? 'region' : 'next-region');
  }

  /** A region that the table does not have cannot come from configuration: the default takes its clients. */
  #region(): RegionPolicy {
    const { request, policy } = this.#case;
    const { regions, placement } = policy;
    const region = regions.get(request.region) ?? regions.get(placement.fallback);
    return region ?? { name: placement.fallback, registries: policy.canonical, blobs: null };
  }

  #toRegion(serving: Backend, reason: Reason): Decision {
    const { form, policy } = this.#case;
    if (serving.isCanonical || policy.probe === null || form.kind === 'tags') return this.#redirect(serving, reason);
    const question = this.#question(serving);
    switch (this.#case.knowledge.presence(question)) {
      case 'present':
        return this.#redirect(serving, reason);
      case 'absent':
        return this.#toCanonical('absent');
      case 'unknown':
        return { kind: 'ask', question };
      case 'overflow':
        return this.#toCanonical('overflow');
      case 'failed':
      case 'refused':
        return this.#redirect(serving, 'unanswered');
    }
  }

  /** Null when the region's registry serves the blob. */
  #fromStore({ backend, clients }: BlobStore): Decision | null {
    const { request, policy, knowledge } = this.#case;
    if (policy.probe === null || !knowledge.isHealthy(backend)) return null;
    if (clients !== null && !clients.some((label) => matchesLabel(label, request.label))) return null;
    const question = this.#question(backend);
    const presence = knowledge.presence(question);
    if (presence === 'unknown') return { kind: 'ask', question };
    return presence === 'present' ? this.#redirect(backend, 'object-store') : null;
  }

  #toCanonical(reason: Reason): Decision {
    const { policy, knowledge } = this.#case;
    const healthy = policy.canonical.find((backend) => knowledge.isHealthy(backend));
    return this.#redirect(healthy ?? firstOf(policy.canonical), reason);
  }

  #question(backend: Backend): Question {
    const { form } = this.#case;
    const content = contentAt(backend, form);
    this.#asked = { backend, kind: form.kind, content, url: backend.base + content };
    return this.#asked;
  }

  #redirect(backend: Backend, reason: Reason): Redirect {
    const { form, request } = this.#case;
    const asked = this.#asked;
    const address = asked?.backend === backend ? asked.url : backend.base + contentAt(backend, form);
    // A store is no registry: keys of a query have meanings of its own there.
    const location = backend.kind === 'store' ? address : address + encodeQuery(request.query);
    return { kind: 'redirect', form: form.kind, location, backend, reason };
  }
}

/** Whether a label from configuration, exact or ending in `*`, is that of a client. */
function matchesLabel(wanted: string, label: string | null): boolean {
  if (label === null) return false;
  return wanted.endsWith('*') ? label.startsWith(wanted.slice(0, -1)) : label === wanted;
}

/** The schema wants one canonical registry at least. */
function firstOf(canonical: readonly Backend[]): Backend {
  const [first] = canonical;
  if (first === undefined) throw new RangeError('a policy needs a canonical registry');
  return first;
}
