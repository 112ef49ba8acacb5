// SPDX-License-Identifier: Apache-2.0
import { errorMessage, redactText } from '@promograph/errors';
import { type Digest, isLoopbackHost, printRepository, type Repository } from '@promograph/oci';
import { BoundAuthorization, type GoogleTokenSource } from '@promograph/registry';
import { type ServiceClient, ServiceFailure } from '@promograph/signing';
import { occurrencePageSchema, type OccurrencePage, readOccurrence, unfinishedScan } from './occurrences.ts';
import { ScanError } from './scan-error.ts';
import { scannedProject } from './scanned-project.ts';
import type { ScanFindings, Scanner } from './scanner.ts';

const ENDPOINT = 'https://containeranalysis.googleapis.com';
const ROLE = { code: 'SIGNING_SERVICE', name: 'Container Analysis' } as const;
/** The largest page that the service gives. */
const PAGE_SIZE = 1000;
const PAGE_BYTES = 32 * 1024 * 1024;
/** An image has thousands of findings at most; more pages mean that the service goes round in circles. */
const MAX_PAGES = 100;

/** What the adapter for Container Analysis needs. */
export interface ContainerAnalysisOptions {
  /** Asks with leave of the limiter, with time-outs and retries. */
  readonly client: ServiceClient;
  /** Access tokens of the application default credentials. */
  readonly accessToken: GoogleTokenSource;
  /** Another address of the service below googleapis.com, or on this machine. */
  readonly endpoint?: string | null;
}

interface Query {
  readonly image: string;
  readonly kind: 'DISCOVERY' | 'VULNERABILITY';
  readonly signal?: AbortSignal | undefined;
}

/**
 * Findings of Google Container Analysis (v1, REST) in the project of the image. Scanned is what a discovery occurrence says to
 * be finished; only then are vulnerabilities asked for. Errors: `SCAN_*`.
 */
export function createContainerAnalysisScanner(options: ContainerAnalysisOptions): Scanner {
  const endpoint = checkedEndpoint(options.endpoint ?? ENDPOINT);
  return {
    findings: async (repository: Repository, digest: Digest, signal): Promise<ScanFindings> => {
      const image = `${printRepository(repository)}@${digest}`;
      const discoveries = await listOccurrences({ image, kind: 'DISCOVERY', signal }, endpoint, options);
      const absent = unfinishedScan(discoveries);
      if (absent !== null) return absent;
      const found = await listOccurrences({ image, kind: 'VULNERABILITY', signal }, endpoint, options);
      const vulnerabilities = found.map((occurrence) => {
        const vulnerability = readOccurrence(occurrence);
        if (vulnerability === null) throw new ScanError('SCAN_ANSWER', `a finding on ${image} cannot be read`);
        return vulnerability;
      });
      return { state: 'scanned', vulnerabilities };
    },
  };
}

/** The token opens the whole project: whoever may edit the configuration must not have it sent elsewhere. */
function checkedEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && isLoopbackHost(url.host)) return url;
  if (url?.protocol === 'https:' && (url.hostname.endsWith('.googleapis.com') || url.hostname === 'googleapis.com')) {
    return url;
  }
  throw new ScanError('SCAN_ENDPOINT', `not an address of Container Analysis: ${text}`, {
    hint: 'Use https and a host below googleapis.com.',
  });
}

async function listOccurrences(
  query: Query,
  endpoint: URL,
  options: ContainerAnalysisOptions,
): Promise<readonly unknown[]> {
  const occurrences: unknown[] = [];
  let pageToken = '';
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await readPage({ ...query, pageToken }, endpoint, options);
    occurrences.push(...(answer.occurrences ?? []));
    pageToken = answer.nextPageToken ?? '';
    if (pageToken === '') return occurrences;
  }
  throw new ScanError('SCAN_ANSWER', `more than ${MAX_PAGES} pages of findings on ${query.image}`);
}

async function readPage(
  query: Query & { readonly pageToken: string },
  endpoint: URL,
  options: ContainerAnalysisOptions,
): Promise<OccurrencePage> {
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/projects/${scannedProject(query.image)}/occurrences`;
  url.searchParams.set('filter', `resourceUrl="https://${query.image}" AND kind="${query.kind}"`);
  url.searchParams.set('pageSize', String(PAGE_SIZE));
  if (query.pageToken !== '') url.searchParams.set('pageToken', query.pageToken);
  const authorization = await authorize(endpoint, options.accessToken);
  const body = await call({ url, authorization, signal: query.signal }, options.client);
  const parsed = occurrencePageSchema.safeParse(parseJson(body));
  if (!parsed.success)
    throw new ScanError('SCAN_ANSWER', `Container Analysis gave no list of findings on ${query.image}`);
  return parsed.data;
}

async function authorize(endpoint: URL, accessToken: GoogleTokenSource): Promise<BoundAuthorization | null> {
  const token = await accessToken().catch((error: unknown) => {
    const reason = redactText(errorMessage(error));
    throw new ScanError('SCAN_CREDENTIALS', `no Google access token for Container Analysis: ${reason}`);
  });
  if (token !== null) return BoundAuthorization.bearer(endpoint.origin, token);
  if (isLoopbackHost(endpoint.host)) return null;
  throw new ScanError('SCAN_CREDENTIALS', 'no Google credentials for Container Analysis', {
    hint: 'Run gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS.',
  });
}

interface Call {
  readonly url: URL;
  readonly authorization: BoundAuthorization | null;
  readonly signal?: AbortSignal | undefined;
}

async function call({ url, authorization, signal }: Call, client: ServiceClient): Promise<Buffer> {
  try {
    const answer = await client.call({
      role: ROLE,
      method: 'GET',
      url,
      headers: { accept: 'application/json' },
      action: 'list',
      maxBytes: PAGE_BYTES,
      signal,
      ...(authorization !== null && { authorization }),
    });
    return answer.body;
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    const isDenied = error.status === 401 || error.status === 403;
    throw new ScanError(isDenied ? 'SCAN_DENIED' : 'SCAN_SERVICE', error.message, {
      cause: error,
      retryable: error.retryable,
      ...(isDenied && { hint: 'Grant roles/containeranalysis.occurrences.viewer in the project of the image.' }),
    });
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
