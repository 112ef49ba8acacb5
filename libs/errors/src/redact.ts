// SPDX-License-Identifier: Apache-2.0
import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/** Holds a secret so that no log line, error, JSON or inspection shows it; only `reveal` does. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself: call it only where the bytes go to the host they belong to. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}

/**
 * A URL fit for messages: user information is dropped and every query value is replaced, because upload locations and
 * storage redirects carry signatures there (`_state`, `X-Goog-Signature`); only the size of a page (`n`) stays. Text that is no
 * URL loses all after `?`.
 */
export function redactUrl(url: string | URL): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return String(url).replace(/\?.*$/s, '?' + REDACTED);
  }
  parsed.username = '';
  parsed.password = '';
  const names = [...new Set(parsed.searchParams.keys())];
  const shown = (name: string): string => {
    const value = parsed.searchParams.get(name) ?? '';
    return name === 'n' && /^\d{1,6}$/.test(value) ? value : REDACTED;
  };
  const query = names.map((name) => `${encodeURIComponent(name)}=${shown(name)}`).join('&');
  return `${parsed.origin === 'null' ? `${parsed.protocol}//${parsed.host}` : parsed.origin}${parsed.pathname}${query === '' ? '' : `?${query}`}`;
}

/** Text from outside (a registry's diagnostics, a helper's stderr) with bearer and basic credentials replaced. */
export function redactText(text: string): string {
  return text
    .replace(/\b(bearer|basic)\s+[A-Za-z0-9\-._~+/]+=*/gi, `$1 ${REDACTED}`)
    .replace(/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, REDACTED)
    .replace(/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^/\s]+@/gi, `$1${REDACTED}@`)
    .replace(
      /("?(?:access_token|refresh_token|identitytoken|id_token|token|password|secret)"?\s*[:=]\s*)("?)[^"\s,}&]+\2/gi,
      `$1${REDACTED}`,
    );
}
