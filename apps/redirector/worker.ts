// SPDX-License-Identifier: Apache-2.0
import { MANIFEST_ACCEPT } from '@promograph/oci';
import {
  checkConfig,
  clientAddress,
  clientNetwork,
  FrontDoor,
  makePolicy,
  placeClient,
  probeOutcome,
  type Check,
  type FinalDecision,
  type RedirectConfig,
} from '@promograph/redirect';

/** Bindings of the edge: the configuration as JSON text, or as a value where the platform has such. */
export interface WorkerEnvironment {
  readonly PROMOGRAPH_REDIRECTOR_CONFIG: unknown;
}

/** What an edge gives a handler beside the request. */
export interface WorkerContext {
  waitUntil(work: Promise<unknown>): void;
}

interface Worker {
  fetch(request: Request, env: WorkerEnvironment, context: WorkerContext): Promise<Response>;
}

/** An edge gives an isolate little memory: 2 MB of digests unless the configuration says otherwise. */
const REMEMBERED_DIGESTS = 100_000;
const HEAD = { method: 'HEAD', redirect: 'manual' } as const;
/** Made with the first request: an edge allows neither random numbers nor timers before. */
let opened: OpenDoor | null = null;

interface OpenDoor {
  readonly from: unknown;
  readonly door: FrontDoor;
  readonly now: () => number;
}

const worker: Worker = {
  async fetch(request, env, context) {
    const { door, now } = openDoor(env.PROMOGRAPH_REDIRECTOR_CONFIG);
    for (const check of door.health.takeDue(now())) context.waitUntil(runCheck(check, door, now));
    const { pathname, search } = new URL(request.url);
    const { placement, cacheControl } = door.policy;
    const address = clientAddress(
      undefined,
      request.headers.get('x-forwarded-for') ?? undefined,
      placement.trustedHops,
    );
    const header = placement.header === null ? undefined : (request.headers.get(placement.header) ?? undefined);
    const { region, label } = placeClient({ address, header }, placement, null);
    const front = { method: request.method, path: pathname, query: search.slice(1), region, label };
    return respond(await door.handle(front, () => clientNetwork(address)), cacheControl, request.method);
  },
};

function openDoor(config: unknown): OpenDoor {
  if (opened !== null && opened.from === config) return opened;
  const policy = makePolicy(readConfig(config));
  const timeoutMs = policy.probe?.timeoutMs ?? 0;
  const startedAtMs = Date.now();
  const now = (): number => Date.now() - startedAtMs;
  const door = new FrontDoor({
    policy,
    key: crypto.getRandomValues(new Uint32Array(4)),
    now,
    // A request may not wait for what another request asked.
    sharesFlights: false,
    probe: async ({ url }) => probeOutcome(await head(url, timeoutMs)),
  });
  const made = { from: config, door, now };
  opened = made;
  return made;
}

function readConfig(config: unknown): RedirectConfig {
  const checked = checkConfig(typeof config === 'string' ? JSON.parse(config) : config);
  if (!checked.isValid) throw new TypeError(checked.issues.map(({ message }) => message).join('; '));
  const { probe = {}, client = {} } = checked.config;
  if (client.ranges !== undefined) throw new TypeError('client.ranges: an edge has no files; use client.header');
  if (probe === false) return checked.config;
  return { ...checked.config, probe: { remember: REMEMBERED_DIGESTS, ...probe } };
}

async function runCheck(check: Check, door: FrontDoor, now: () => number): Promise<void> {
  const status = await head(check.url, door.policy.health.timeoutMs);
  door.health.noteCheck(check, status, now());
}

async function head(url: string, timeoutMs: number): Promise<number | null> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const { status } = await fetch(url, { ...HEAD, headers: { accept: `${MANIFEST_ACCEPT}, */*` }, signal });
    return status;
  } catch {
    return null;
  }
}

function respond(decision: FinalDecision, cacheControl: string, method: string): Response {
  if (decision.kind === 'redirect') {
    const headers = { location: decision.location, 'cache-control': cacheControl };
    return new Response(null, { status: 307, headers });
  }
  const { status, code } = decision;
  const body = status === 200 ? '{}' : JSON.stringify({ errors: [{ code, message: code }] });
  const headers = {
    'docker-distribution-api-version': 'registry/2.0',
    'cache-control': 'no-store',
    'content-type': 'application/json',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
  };
  return new Response(method === 'HEAD' ? null : body, { status, headers });
}

// An edge reads the default export and no other.
export { worker as default };
