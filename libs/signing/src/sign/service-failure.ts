// SPDX-License-Identifier: Apache-2.0
import type { PromographErrorOptions } from '@promograph/errors';
import { RegistryError } from '@promograph/registry';
import { SigningError, type SigningErrorCode } from '../signing-error.ts';

/** Which service failed, and how that is called. */
export interface ServiceRole {
  readonly code: SigningErrorCode;
  /** For messages: `the certificate authority`. */
  readonly name: string;
}

/** Where a request went and what came back. */
export interface ServiceFailureDetails extends PromographErrorOptions {
  readonly method: string;
  /** Redacted: no user, no query values. */
  readonly url: string | null;
  readonly status: number | null;
}

/** A service that signing needs refused, or could not be reached. Holds no part of any token. */
export class ServiceFailure extends SigningError {
  readonly method: string;
  readonly url: string | null;
  readonly status: number | null;

  constructor(code: SigningErrorCode, message: string, details: ServiceFailureDetails) {
    super(code, message, details);
    this.method = details.method;
    this.url = details.url;
    this.status = details.status;
  }
}

/**
 * What the wire threw, as a failure of the service. The error of the wire is not kept as a cause: its words are all in the
 * message; its hints speak of registries. What is not of the wire, cancellation included, passes unchanged.
 */
export function serviceFailure(error: unknown, role: ServiceRole): unknown {
  if (!(error instanceof RegistryError) || error.code === 'REGISTRY_CANCELLED') return error;
  const said = error.message.replace('; the registry says ', '; it says ');
  return new ServiceFailure(role.code, `${role.name} failed: ${said}`, {
    method: error.method ?? 'GET',
    url: error.url,
    status: error.status,
    retryable: error.retryable,
  });
}
