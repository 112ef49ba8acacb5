// SPDX-License-Identifier: Apache-2.0
import { isPromographError } from '@promograph/errors';
import { RegistryError, type RegistryErrorDetails } from './registry-error.ts';

/** The request that failed, for the message. */
export interface FailedRequest {
  readonly method: string;
  readonly url: string;
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUTS: readonly string[] = [
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
];

/**
 * Turns what the transport threw, before or in the middle of a body, into a `RegistryError`; our own errors pass unchanged.
 * Lost and refused connections and timeouts may be tried again; a wrong certificate may not.
 */
export function wireFailure(error: unknown, request: FailedRequest): Error {
  if (isPromographError(error)) return error;
  const code = codeOf(error);
  const details: RegistryErrorDetails = { method: request.method, url: request.url, cause: error, retryable: true };
  if (request.signal?.aborted) {
    return new RegistryError('REGISTRY_CANCELLED', 'cancelled', {
      ...details,
      cause: request.signal.reason,
      retryable: false,
    });
  }
  if (TIMEOUTS.includes(code)) return new RegistryError('REGISTRY_TIMEOUT', 'the host did not answer in time', details);
  const proxy = proxyRefusal(error);
  if (proxy) return new RegistryError('REGISTRY_UNREACHABLE', proxy.what, { ...details, ...proxy });
  // What is wrong with our own call is a bug, and must look like one.
  if (code === 'UND_ERR_INVALID_ARG' || (error instanceof TypeError && code === '')) return error as Error;
  const refusal = permanent(code);
  if (refusal)
    return new RegistryError(refusal.code, refusal.what, { ...details, retryable: false, hint: refusal.hint });
  return new RegistryError('REGISTRY_UNREACHABLE', reasonOf(code), details);
}

/** undici has no code of its own for a proxy that says no: its status is only in the text. */
function proxyRefusal(
  error: unknown,
): { readonly what: string; readonly retryable: boolean; readonly hint: string } | null {
  const text = error instanceof Error ? error.message : '';
  const status = /^Proxy (?:response|Authentication Required) \((\d{3})\)/.exec(text)?.[1];
  if (status === undefined) return null;
  const hint = 'Look at HTTPS_PROXY, HTTP_PROXY and NO_PROXY.';
  return { what: `the proxy of the environment answered ${status}`, retryable: status.startsWith('5'), hint };
}

interface Refusal {
  readonly code: 'REGISTRY_UNREACHABLE' | 'REGISTRY_PROTOCOL';
  readonly what: string;
  readonly hint: string;
}

function permanent(code: string): Refusal | null {
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
    const hint = 'Set plainHttp: true for this host if it has no TLS.';
    return { code: 'REGISTRY_UNREACHABLE', what: 'the host does not speak TLS', hint };
  }
  if (/^(?:CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_)/.test(code)) {
    const hint = "Set ca to the certificate authority of this host, or mend the host's certificate.";
    return { code: 'REGISTRY_UNREACHABLE', what: `the certificate is not trusted (${code})`, hint };
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return { code: 'REGISTRY_PROTOCOL', what: 'headers are too large', hint: 'Ask the operator of the host.' };
  }
  return null;
}

function reasonOf(code: string): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host name does not resolve';
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return 'the answer was cut off';
  return code === '' ? 'the connection failed' : `the connection failed (${code})`;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string' && error.code !== 'UND_ERR_SOCKET') return error.code;
  return error.cause instanceof Error ? codeOf(error.cause) : 'code' in error ? String(error.code) : '';
}
