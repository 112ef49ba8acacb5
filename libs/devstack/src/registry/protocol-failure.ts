// SPDX-License-Identifier: Apache-2.0

/** A refusal in the words of the distribution specification: status, error code, message. */
export class ProtocolFailure extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, options: FailureOptions = {}) {
    super(options.message ?? code.toLowerCase().replaceAll('_', ' '));
    this.status = status;
    this.code = code;
    this.headers = options.headers ?? {};
  }
}

interface FailureOptions {
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The connection ended before the request's body did: there is no one to answer. */
export class ConnectionLost extends Error {}
