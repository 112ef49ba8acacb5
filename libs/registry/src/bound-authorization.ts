// SPDX-License-Identifier: Apache-2.0
import { Secret } from '@promograph/errors';

/**
 * An Authorization header that knows its origin (scheme, host, port) and shows itself to no other: a redirect, an upload
 * location or a page link elsewhere gets nothing, whatever the calling code does.
 */
export class BoundAuthorization {
  readonly origin: string;
  readonly #header: Secret;
  readonly #traces: readonly string[];

  private constructor(origin: string, header: string, traces: readonly string[]) {
    this.origin = origin;
    this.#header = new Secret(header);
    this.#traces = traces.filter((trace) => trace.length >= 4);
  }

  /** HTTP Basic for `origin`. */
  static basic(origin: string, username: string, password: string): BoundAuthorization {
    const encoded = Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
    return new BoundAuthorization(origin, `Basic ${encoded}`, [encoded, password]);
  }

  /** A bearer token for `origin`. */
  static bearer(origin: string, token: string): BoundAuthorization {
    return new BoundAuthorization(origin, `Bearer ${token}`, tracesOf(token));
  }

  /** The header's value for a request to `origin`, or null when that is not where it belongs. */
  headerFor(origin: string): string | null {
    return origin === this.origin ? this.#header.reveal() : null;
  }

  /** Whether both send the same header to the same place. */
  equals(other: BoundAuthorization): boolean {
    return this.origin === other.origin && this.#header.reveal() === other.#header.reveal();
  }

  /** `text` from outside without the secrets of this header: some hosts repeat in an error what they were sent. */
  scrub(text: string): string {
    return this.#traces.reduce((clean, trace) => clean.replaceAll(trace, '[redacted]'), text);
  }
}

/** A token and, where it has parts (header, claims and signature of a JWT), each of them: the whole first. */
export function tracesOf(token: string): readonly string[] {
  return [token, ...(token.includes('.') ? token.split('.') : [])].filter((trace) => trace.length >= 4);
}
