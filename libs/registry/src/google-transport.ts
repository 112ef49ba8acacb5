// SPDX-License-Identifier: Apache-2.0
import type { Limiter } from '@promograph/limiter';
import { isLoopbackHost } from '@promograph/oci';
import { readBody } from './body-reader.ts';
import { BoundAuthorization } from './bound-authorization.ts';
import { Connections, type ProxySettings } from './connections.ts';
import type { RegistryEvent } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';
import { DEFAULT_TIMEOUTS } from './timeouts.ts';
import { sendGranted, type WireAnswer, type WireRequest } from './wire.ts';

/** What Google's credentials are asked for with. */
export interface GoogleTransportOptions {
  readonly limiter: Limiter;
  /** Default: no proxy. */
  readonly proxies?: ProxySettings;
  /** Names another metadata server: `GCE_METADATA_HOST`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onEvent?: (event: RegistryEvent) => void;
}

const MAX_BYTES = 256 * 1024;
const TIMEOUT_MS = 20_000;
const CONNECTIONS = 8;
/** Metadata servers of clouds: plain http, and never through a proxy. */
const LINK_LOCAL: readonly string[] = ['metadata.google.internal', '169.254.169.254'];

/**
 * What Google's library sends its requests with, in the place of `fetch`: each with a grant, a deadline and a limit of size, through
 * the environment's proxy, over https or on this machine, never redirected. Metadata servers are asked directly.
 */
export class GoogleTransport {
  /** `host[:port]` of the metadata server. */
  readonly metadataHost: string;
  readonly #options: GoogleTransportOptions;
  readonly #proxied: Connections;
  readonly #direct: Connections;

  constructor(options: GoogleTransportOptions) {
    this.#options = options;
    this.metadataHost = options.env['GCE_METADATA_HOST'] || 'metadata.google.internal';
    const linkOf = (): { ca: null; concurrency: number } => ({ ca: null, concurrency: CONNECTIONS });
    const timeouts = { ...DEFAULT_TIMEOUTS, headersMs: TIMEOUT_MS };
    this.#proxied = new Connections({ linkOf, timeouts, proxies: options.proxies ?? {} });
    this.#direct = new Connections({ linkOf, timeouts, proxies: {} });
  }

  /** As `fetch`, as far as Google's library uses it. Error: `RegistryError`. */
  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input);
    const method = methodOf(init);
    const answer = await this.#send(url, method, init);
    const { status } = answer;
    if (status >= 400) return Response.json(refusalOf(answer), { status });
    const bytes = await readBody(answer, { method, url: url.href, maxBytes: MAX_BYTES });
    return new Response(status === 204 || status === 304 ? null : new Uint8Array(bytes), {
      status,
      headers: { 'content-type': textOf(answer.headers['content-type']) ?? 'text/plain' },
    });
  };

  async close(): Promise<void> {
    await Promise.all([this.#proxied.close(), this.#direct.close()]);
  }

  async #send(url: URL, method: 'GET' | 'POST' | 'PUT', init: RequestInit): Promise<WireAnswer> {
    const isLinkLocal = LINK_LOCAL.includes(url.hostname) || url.host === this.metadataHost;
    if (url.protocol !== 'https:' && !isLinkLocal && !isLoopbackHost(url.host)) {
      throw new RegistryError('REGISTRY_REFUSED', `credentials are asked for over https only, not at ${url.host}`);
    }
    const { limiter, onEvent } = this.#options;
    const key = { host: url.host, action: 'token' } as const;
    const grant = await limiter.acquire(key, { priority: 'commit', ...(init.signal && { signal: init.signal }) });
    const deadline = AbortSignal.timeout(TIMEOUT_MS);
    return sendGranted(
      grant,
      {
        connection: (isLinkLocal ? this.#direct : this.#proxied).to(url.origin, 'api'),
        method,
        origin: url.origin,
        path: url.pathname + url.search,
        ...headersOf(url, new Headers(init.headers)),
        signal: init.signal ? AbortSignal.any([init.signal, deadline]) : deadline,
        ...(init.body != null && { body: bodyOf(init.body) }),
      },
      { limiter, emit: onEvent ?? ((): void => undefined), epochMs: Date.now },
    );
  }
}

function methodOf({ method = 'GET' }: RequestInit): 'GET' | 'POST' | 'PUT' {
  const known = (['GET', 'POST', 'PUT'] as const).find((name) => name === method.toUpperCase());
  if (known === undefined) throw new RegistryError('REGISTRY_REFUSED', `no method to ask for credentials: ${method}`);
  return known;
}

/** The credential apart: it knows its origin. */
function headersOf(url: URL, headers: Headers): Pick<WireRequest, 'authorization' | 'foreignHeaders'> {
  const [scheme = '', value = ''] = (headers.get('authorization') ?? '').split(' ');
  headers.delete('authorization');
  const foreignHeaders = Object.fromEntries(headers);
  if (value === '') return { foreignHeaders };
  if (scheme.toLowerCase() === 'bearer') {
    return { foreignHeaders, authorization: BoundAuthorization.bearer(url.origin, value) };
  }
  const [, user = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(value, 'base64').toString()) ?? [];
  return { foreignHeaders, authorization: BoundAuthorization.basic(url.origin, user, password) };
}

function bodyOf(body: NonNullable<RequestInit['body']>): string | Uint8Array {
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new RegistryError('REGISTRY_REFUSED', 'a body that is no text cannot ask for credentials');
}

/** What the service said, as OAuth says it, without what it repeated of the credential. */
function refusalOf({ diagnostics: [first] }: WireAnswer): {
  readonly error: string;
  readonly error_description: string;
} {
  return { error: first?.code ?? '', error_description: first?.message ?? '' };
}

function textOf(header: string | string[] | undefined): string | null {
  return typeof header === 'string' ? header : null;
}
