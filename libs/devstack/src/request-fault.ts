// SPDX-License-Identifier: Apache-2.0

/** What goes wrong with one request of any service of the devstack. */
export type RequestFault =
  /** Answers this instead of working on the request. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Resets the connection; the request has no effect. */
  | { readonly kind: 'reset' }
  /** Does the work, then resets the connection instead of answering. */
  | { readonly kind: 'drop-response' }
  /** Waits before the request is looked at. */
  | { readonly kind: 'delay'; readonly ms: number };
