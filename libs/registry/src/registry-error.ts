// SPDX-License-Identifier: Apache-2.0
import { PromographError, type PromographErrorOptions, redactText, redactUrl } from '@promograph/errors';

/** Everything that can go wrong between us and a registry. */
export type RegistryErrorCode =
  | 'REGISTRY_UNAUTHORIZED'
  | 'REGISTRY_FORBIDDEN'
  | 'REGISTRY_NOT_FOUND'
  | 'REGISTRY_UNREACHABLE'
  | 'REGISTRY_TIMEOUT'
  | 'REGISTRY_RATE_LIMITED'
  | 'REGISTRY_UNAVAILABLE'
  | 'REGISTRY_REFUSED'
  | 'REGISTRY_QUOTA'
  | 'REGISTRY_PROTOCOL'
  | 'REGISTRY_DIGEST_MISMATCH'
  | 'REGISTRY_UNSAFE_REDIRECT'
  | 'REGISTRY_UNSAFE_REALM'
  | 'REGISTRY_CREDENTIALS'
  | 'REGISTRY_CANCELLED';

/** One entry of a registry's `errors` body. */
export interface RegistryDiagnostic {
  readonly code: string;
  readonly message: string;
}

/** Where a request went and what came back. */
export interface RegistryErrorDetails extends PromographErrorOptions {
  readonly method?: string;
  readonly url?: string | URL;
  readonly status?: number | null;
  readonly diagnostics?: readonly RegistryDiagnostic[];
  /** How long the host asked us to wait, milliseconds. */
  readonly retryAfterMs?: number;
}

/** A failed registry call: method, redacted URL, status and all that the registry said, in one line. */
export class RegistryError extends PromographError<RegistryErrorCode> {
  readonly method: string | null;
  /** Redacted: no user, no query values. */
  readonly url: string | null;
  readonly status: number | null;
  readonly diagnostics: readonly RegistryDiagnostic[];
  readonly retryAfterMs: number | null;

  constructor(code: RegistryErrorCode, what: string, details: RegistryErrorDetails = {}) {
    const diagnostics = (details.diagnostics ?? []).map(redactDiagnostic);
    const url = details.url === undefined ? null : redactUrl(details.url);
    super(code, messageOf(redactText(what), { ...details, diagnostics }, url), details);
    this.method = details.method ?? null;
    this.url = url;
    this.status = details.status ?? null;
    this.diagnostics = diagnostics;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}

function redactDiagnostic(diagnostic: RegistryDiagnostic): RegistryDiagnostic {
  return { code: redactText(diagnostic.code), message: redactText(diagnostic.message) };
}

function messageOf(what: string, details: RegistryErrorDetails, url: string | null): string {
  const request = url === null ? '' : `${details.method ?? 'GET'} ${url}: `;
  const status = details.status == null ? '' : ` (status ${details.status})`;
  const said = (details.diagnostics ?? []).map(({ code, message }) => (message === '' ? code : `${code}: ${message}`));
  return `${request}${what}${status}${said.length === 0 ? '' : `; the registry says ${said.join('; ')}`}`;
}
