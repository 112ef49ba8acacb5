// SPDX-License-Identifier: Apache-2.0
import { RegistryError, type RegistryDiagnostic, type RegistryErrorCode } from './registry-error.ts';

/** An answer that is not what was asked for. */
export interface FailedAnswer {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly diagnostics: readonly RegistryDiagnostic[];
  readonly retryAfterMs: number | undefined;
}

interface Class {
  readonly code: RegistryErrorCode;
  readonly what: string;
  readonly retryable: boolean;
  readonly hint?: string;
}

const BY_STATUS: Readonly<Record<number, Class>> = {
  401: { code: 'REGISTRY_UNAUTHORIZED', what: 'not authorised', retryable: false },
  403: { code: 'REGISTRY_FORBIDDEN', what: 'forbidden', retryable: false, hint: 'Ask for access to this repository.' },
  404: { code: 'REGISTRY_NOT_FOUND', what: 'not found', retryable: false },
  408: { code: 'REGISTRY_TIMEOUT', what: 'the host gave up waiting', retryable: true },
  413: { code: 'REGISTRY_QUOTA', what: 'larger than the host accepts', retryable: false },
  429: { code: 'REGISTRY_RATE_LIMITED', what: 'too many requests', retryable: true },
  501: { code: 'REGISTRY_REFUSED', what: 'the host cannot do this', retryable: false },
  507: { code: 'REGISTRY_QUOTA', what: 'the host has no room left', retryable: false },
};

/** The error of an unexpected status: 408, 429 and 5xx (not 501, not 507) may succeed later, nothing else does. */
export function statusFailure(answer: FailedAnswer): RegistryError {
  const { code, what, retryable, hint } = BY_STATUS[answer.status] ?? otherwise(answer.status);
  return new RegistryError(code, what, {
    method: answer.method,
    url: answer.url,
    status: answer.status,
    diagnostics: answer.diagnostics,
    retryable,
    ...(hint === undefined ? {} : { hint }),
    ...(answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }),
  });
}

function otherwise(status: number): Class {
  if (status >= 500) return { code: 'REGISTRY_UNAVAILABLE', what: 'the host failed', retryable: true };
  if (status >= 400) return { code: 'REGISTRY_REFUSED', what: 'refused', retryable: false };
  return { code: 'REGISTRY_PROTOCOL', what: 'an answer that does not fit the request', retryable: false };
}
