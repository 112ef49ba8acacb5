// SPDX-License-Identifier: Apache-2.0
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMemoryLimiter } from '@promograph/limiter';
import { parseRepository } from '@promograph/oci';
import { createServiceClient, type ServiceClient } from '@promograph/signing';
import { afterEach, describe, expect, it } from 'vitest';
import { DIGEST } from '../evidence.testing.ts';
import { createContainerAnalysisScanner, ScanError, type ScanFindings, scannedProject } from '../index.ts';

const IMAGE = `https://us-docker.pkg.dev/project/repository/app@${DIGEST}`;
const FINISHED = { kind: 'DISCOVERY', discovery: { analysisStatus: 'FINISHED_SUCCESS' } };
const TOKEN = 'ya29.secret-of-the-test';

interface Seen {
  readonly project: string;
  readonly filter: string;
  readonly pageToken: string | null;
  readonly authorization: string | undefined;
}
interface Answer {
  readonly status?: number;
  readonly body?: unknown;
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A double of the service: `answer` makes what a request gets. */
async function analysis(answer: (seen: Seen) => Answer): Promise<{ endpoint: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server: Server = createServer((request: IncomingMessage, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const one = {
      project: url.pathname.split('/')[3] ?? '',
      filter: url.searchParams.get('filter') ?? '',
      pageToken: url.searchParams.get('pageToken'),
      authorization: request.headers.authorization,
    };
    seen.push(one);
    const { status = 200, body = {} } = answer(one);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(() => resolve())));
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

function client(granted: string[] = []): ServiceClient {
  const limiter = createMemoryLimiter({ capFor: () => null });
  const made = createServiceClient({
    limiter: {
      acquire: (key, options) => {
        granted.push(key.host);
        return limiter.acquire(key, options);
      },
      report: (key, outcome) => limiter.report(key, outcome),
    },
    retry: { attempts: 2, totalMs: 1000, leastDelayMs: 1, mostDelayMs: 1 },
  });
  closers.unshift(() => made.close());
  return made;
}

const ask = (endpoint: string, token: string | null = TOKEN, granted: string[] = []): Promise<ScanFindings> =>
  createContainerAnalysisScanner({ client: client(granted), accessToken: async () => token, endpoint }).findings(
    parseRepository('us-docker.pkg.dev/project/repository/app'),
    DIGEST,
  );
const isDiscovery = ({ filter }: Seen): boolean => filter.includes('kind="DISCOVERY"');
const finding = (name: string, vulnerability: object): object => ({
  noteName: `projects/goog-vulnz/notes/${name}`,
  kind: 'VULNERABILITY',
  vulnerability,
});

describe('Container Analysis', () => {
  it('is asked in the project of the image, by its URL, with leave for each request and the token', async () => {
    const { endpoint, seen } = await analysis((one) => ({ body: isDiscovery(one) ? { occurrences: [FINISHED] } : {} }));
    const granted: string[] = [];

    expect(await ask(endpoint, TOKEN, granted)).toEqual({ state: 'scanned', vulnerabilities: [] });
    expect(seen).toEqual([
      {
        project: 'project',
        filter: `resourceUrl="${IMAGE}" AND kind="DISCOVERY"`,
        pageToken: null,
        authorization: `Bearer ${TOKEN}`,
      },
      {
        project: 'project',
        filter: `resourceUrl="${IMAGE}" AND kind="VULNERABILITY"`,
        pageToken: null,
        authorization: `Bearer ${TOKEN}`,
      },
    ]);
    expect(granted).toEqual([new URL(endpoint).host, new URL(endpoint).host]);
  });

  it('tells all findings of all pages, the worse of two severities, and what can be fixed', async () => {
    const { endpoint } = await analysis((one) => {
      if (isDiscovery(one)) return { body: { occurrences: [FINISHED] } };
      if (one.pageToken === null) {
        const first = finding('CVE-1', { severity: 'MEDIUM', effectiveSeverity: 'HIGH', fixAvailable: true });
        return { body: { occurrences: [first], nextPageToken: 'two' } };
      }
      const second = finding('CVE-2', { severity: 'CRITICAL', effectiveSeverity: 'LOW', packageIssue: [{}] });
      const third = finding('x', { shortDescription: 'CVE-3', packageIssue: [{ fixAvailable: true }] });
      return { body: { occurrences: [second, third] } };
    });

    expect(await ask(endpoint)).toEqual({
      state: 'scanned',
      vulnerabilities: [
        { id: 'CVE-1', severity: 4, fixable: true },
        { id: 'CVE-2', severity: 5, fixable: false },
        { id: 'CVE-3', severity: 0, fixable: true },
      ],
    });
  });

  it.each<[string, readonly unknown[], string]>([
    ['there is no scan', [], 'no scan was begun'],
    ['the scan is under way', [{ discovery: { analysisStatus: 'SCANNING' } }], 'the scan is SCANNING'],
    ['the scan failed', [{ discovery: { analysisStatus: 'FINISHED_FAILED' } }], 'FINISHED_FAILED'],
    ['the image is unsupported', [{ discovery: { analysisStatus: 'FINISHED_UNSUPPORTED' } }], 'UNSUPPORTED'],
    ['the answer says nothing of it', [{ discovery: {} }], 'unknown'],
  ])('says absent, and asks no further, where %s', async (_name, occurrences, message) => {
    const { endpoint, seen } = await analysis(() => ({ body: { occurrences } }));

    expect(await ask(endpoint)).toEqual({ state: 'absent', message: expect.stringContaining(message) });
    expect(seen).toHaveLength(1);
  });

  it.each<[string, Answer, string]>([
    ['denies', { status: 403, body: { error: { message: `no ${TOKEN}` } } }, 'SCAN_DENIED'],
    ['does not know the token', { status: 401 }, 'SCAN_DENIED'],
    ['is down', { status: 503 }, 'SCAN_SERVICE'],
    ['answers nonsense', { body: { occurrences: 'none' } }, 'SCAN_ANSWER'],
  ])('fails with its own code where the service %s, and never repeats the token', async (_name, answer, code) => {
    const { endpoint } = await analysis(() => answer);

    const error: unknown = await ask(endpoint).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(ScanError);
    expect(error).toMatchObject({ code });
    expect(String(error) + JSON.stringify(error)).not.toContain(TOKEN);
  });

  it('fails for a finding that cannot be read, and for pages without end', async () => {
    const odd = await analysis((one) => ({
      body: { occurrences: [isDiscovery(one) ? FINISHED : finding('CVE-1', { severity: 'APOCALYPTIC' })] },
    }));
    const endless = await analysis(() => ({ body: { occurrences: [], nextPageToken: 'again' } }));

    await expect(ask(odd.endpoint)).rejects.toMatchObject({ code: 'SCAN_ANSWER' });
    await expect(ask(endless.endpoint)).rejects.toMatchObject({ code: 'SCAN_ANSWER' });
    expect(endless.seen).toHaveLength(100);
  });

  it('is asked without a token on this machine only', async () => {
    const { endpoint, seen } = await analysis(() => ({}));

    await expect(ask(endpoint, null)).resolves.toMatchObject({ state: 'absent' });
    expect(seen[0]?.authorization).toBeUndefined();
    await expect(ask('https://containeranalysis.googleapis.com', null)).rejects.toMatchObject({
      code: 'SCAN_CREDENTIALS',
    });
  });

  it.each([
    'https://evil.example',
    'http://containeranalysis.googleapis.com',
    'https://googleapis.com.evil.example',
    'x',
  ])('has no address like %s', (endpoint) => {
    const make = (): unknown =>
      createContainerAnalysisScanner({ client: client(), accessToken: async () => null, endpoint });

    expect(make).toThrow(expect.objectContaining({ code: 'SCAN_ENDPOINT' }));
  });
});

describe('145. the project of an image', () => {
  it.each([
    [`gcr.io/project/image@${DIGEST}`, 'project'],
    [`us-docker.pkg.dev/project/repository/image@${DIGEST}`, 'project'],
    ['gcr.io/project/bar:latest', 'project'],
    ['gcr.io/example.org/project/image', 'example.org:project'],
  ])('of %s is %s', (image, project) => {
    expect(scannedProject(image)).toBe(project);
  });

  it.each(['singlepart', 'gcr.io/', ''])('of "%s" is an error', (image) => {
    expect(() => scannedProject(image)).toThrow(expect.objectContaining({ code: 'SCAN_PROJECT' }));
  });
});
