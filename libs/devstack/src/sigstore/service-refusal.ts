// SPDX-License-Identifier: Apache-2.0

/** A service's answer that is a refusal: HTTP status, message, headers. */
export class ServiceRefusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
