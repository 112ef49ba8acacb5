// SPDX-License-Identifier: Apache-2.0
import { type Service, ServiceSelector, SigningConfig } from '@sigstore/protobuf-specs';
import { errorMessage, redactUrl } from '@promograph/errors';
import { SigningError } from '../signing-error.ts';
import { checkServiceUrl } from './service-url.ts';

/** A transparency log to write to. */
export interface LogService {
  readonly url: URL;
  readonly version: 1 | 2;
}

/** The services that one run signs with. */
export interface SigningServices {
  /** Null only where no certificate is needed: with a key. */
  readonly certificateAuthority: URL | null;
  readonly logs: readonly LogService[];
  /** Whole addresses, path included. */
  readonly timestampAuthorities: readonly URL[];
}

/** Media type of the signing configs that are understood. */
const MEDIA_TYPE = 'application/vnd.dev.sigstore.signingconfig.v0.2+json';
const TIMESTAMP_PATH = '/api/v1/timestamp';

/** Reads a sigstore signing config (v0.2). Error `SIGNING_CONFIG`. */
export function parseSigningConfig(bytes: Buffer): SigningConfig {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new SigningError('SIGNING_CONFIG', 'the signing config is not JSON');
  }
  const mediaType = typeof json === 'object' && json !== null && 'mediaType' in json ? json.mediaType : null;
  if (mediaType !== MEDIA_TYPE) {
    throw new SigningError('SIGNING_CONFIG', `the signing config has media type ${String(mediaType)}`, {
      hint: `Give a signing config of type ${MEDIA_TYPE}.`,
    });
  }
  try {
    return SigningConfig.fromJSON(json);
  } catch (error) {
    throw new SigningError('SIGNING_CONFIG', `the signing config is malformed: ${errorMessage(error)}`);
  }
}

/**
 * Picks the services to sign with, as sigstore clients do: of those valid now and of a version that is understood, the
 * highest version, then the newest, one per operator where several are wanted. Error `SIGNING_CONFIG`.
 */
export function selectServices(config: SigningConfig, nowMs: number): SigningServices {
  const [authority] = usable(config.caUrls, [1], nowMs);
  const logs = pick(usable(config.rekorTlogUrls, [2, 1], nowMs), config.rekorTlogConfig, 'transparency logs');
  const stamps = pick(usable(config.tsaUrls, [1], nowMs), config.tsaConfig, 'timestamp authorities');
  return {
    certificateAuthority: authority === undefined ? null : urlOf(authority, 'the certificate authority'),
    logs: logs.map((log) => ({
      url: urlOf(log, 'the transparency log'),
      version: log.majorApiVersion === 2 ? 2 : 1,
    })),
    timestampAuthorities: stamps.map((stamp) => stampUrl(urlOf(stamp, 'the timestamp authority'))),
  };
}

/** Error `SIGNING_CONFIG` unless a signature made with these can be verified later. */
export function checkServices(services: SigningServices, isKeyless: boolean): void {
  if (!isKeyless) return;
  if (services.certificateAuthority === null) {
    throw new SigningError('SIGNING_CONFIG', 'the signing config names no certificate authority that is valid now');
  }
  const hasTime = services.logs.some(({ version }) => version === 1) || services.timestampAuthorities.length > 0;
  if (services.logs.length > 0 && hasTime) return;
  const what = services.logs.length === 0 ? 'no transparency log' : 'a log without times, and no timestamp authority';
  throw new SigningError('SIGNING_CONFIG', `the signing config names ${what} that is valid now`, {
    hint: 'A keyless signature needs a transparency log, and with Rekor v2 a timestamp authority as well.',
  });
}

function usable(services: readonly Service[], versions: readonly number[], nowMs: number): Service[] {
  const isValid = ({ validFor }: Service): boolean =>
    validFor?.start !== undefined &&
    validFor.start.getTime() <= nowMs &&
    (validFor.end === undefined || nowMs < validFor.end.getTime());
  return services
    .filter((service) => versions.includes(service.majorApiVersion) && isValid(service))
    .sort((a, b) => b.majorApiVersion - a.majorApiVersion || startOf(b) - startOf(a));
}

function startOf({ validFor }: Service): number {
  return validFor?.start?.getTime() ?? 0;
}

function pick(services: readonly Service[], wish: SigningConfig['rekorTlogConfig'], what: string): readonly Service[] {
  const operators = new Set<string>();
  const onePerOperator = services.filter(({ operator }) => !operators.has(operator) && operators.add(operator));
  if (wish?.selector === ServiceSelector.ALL) return onePerOperator;
  if (wish?.selector !== ServiceSelector.EXACT) return services.slice(0, 1);
  if (wish.count < 1 || onePerOperator.length < wish.count) {
    const there = onePerOperator.length;
    throw new SigningError(
      'SIGNING_CONFIG',
      `the signing config wants ${wish.count} ${what}, ${there} can be used now`,
    );
  }
  return onePerOperator.slice(0, wish.count);
}

function urlOf(service: Service, name: string): URL {
  if (!URL.canParse(service.url)) {
    throw new SigningError('SIGNING_CONFIG', `the address of ${name} is no URL: ${redactUrl(service.url)}`);
  }
  const url = new URL(service.url);
  checkServiceUrl(url, { code: 'SIGNING_CONFIG', name });
  return url;
}

/** Signing configs give the whole address; a bare origin is a sigstore timestamp authority. */
function stampUrl(url: URL): URL {
  return url.pathname === '/' ? new URL(TIMESTAMP_PATH, url) : url;
}
