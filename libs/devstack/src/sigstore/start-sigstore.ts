// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { closeServer, listen } from '../registry/listen.ts';
import { CertificateAuthority } from './certificate-authority.ts';
import { CtLog } from './ct-log.ts';
import { openForge, type SigstoreForge } from './forge.ts';
import { Fulcio } from './fulcio.ts';
import type { LoggedEntry } from './logged-entry.ts';
import { OidcIssuer, type TokenRequest } from './oidc-issuer.ts';
import { rekorV1Routes, rekorV2Routes } from './rekor-routes.ts';
import { RekorV1 } from './rekor-v1.ts';
import { RekorV2 } from './rekor-v2.ts';
import { type SigstoreGate, serveRequest } from './serve-request.ts';
import type { SigstoreFaultHook } from './sigstore-fault.ts';
import type { SigstoreOptions, SigstoreService } from './sigstore-options.ts';
import { TimestampAuthority } from './timestamp-authority.ts';
import { timestampRoutes } from './timestamp-routes.ts';
import { tokenRoutes } from './token-routes.ts';
import { type TrustFiles, writeTrustDirectory } from './trust-directory.ts';
import { REKOR_V1_HOST, REKOR_V2_ORIGIN } from './trust-documents.ts';
import { TUF_PATH, tufRoutes } from './tuf-routes.ts';

/** What the services have given out, forged material left aside, and the requests that reached each of them. */
export interface SigstoreCounts {
  /** Certificates issued by Fulcio. */
  readonly certificates: number;
  /** Entries in each log, forged ones included. */
  readonly rekorV1Entries: number;
  readonly rekorV2Entries: number;
  readonly timestamps: number;
  /** Tokens minted, by request and by `token()`. */
  readonly tokens: number;
  readonly requests: Readonly<Record<SigstoreService, number>>;
}

/** A sigstore that answers: all services are at one URL, told apart by path. */
export interface RunningSigstore {
  /** `http://127.0.0.1:5001`: base of OIDC issuer, Fulcio, Rekor v1 and Rekor v2. */
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  /** Where time stamps are asked for. */
  readonly tsaUrl: string;
  /** The TUF mirror. */
  readonly tufUrl: string;
  readonly files: TrustFiles;
  /** A fresh identity token. */
  token(request?: TokenRequest): string;
  counts(): SigstoreCounts;
  /** What the logs hold: Rekor v1 first, each in order of its index. */
  entries(): readonly LoggedEntry[];
  /** Makes bad material with good keys. */
  readonly forge: SigstoreForge;
  /** Replaces the fault hook; undefined ends all faults. */
  setFault(hook: SigstoreFaultHook | undefined): void;
  /** Ends all connections at once; removes the directory when it was a temporary one. */
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;
const KEEP_ALIVE_MS = 60_000;
const CERTIFICATE_LIFETIME_MS = 600_000;

/**
 * Starts OIDC issuer, Fulcio, Rekor v1 and v2, time-stamping authority and TUF mirror on one loopback port, with keys
 * of their own at every start, and writes the trust files. Error: `DEVSTACK_PORT_TAKEN`.
 */
export async function startSigstore(options: SigstoreOptions = {}): Promise<RunningSigstore> {
  const services = await createServices(options);
  const gate = openGate(options);
  const server = createServer({ noDelay: true, keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    void serveRequest(gate, request, response);
  });
  const port = await listen(server, { port: options.port ?? 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${port}`;
  services.oidc.url = url;
  const dir = openDirectory(options.dir);
  const { files, tuf } = writeTrustDirectory(dir, { ...services, url }, services.validUntil);
  gate.routes = [...serviceRoutes(services), ...tufRoutes(tuf)];
  let closed: Promise<void> | undefined;
  return {
    ...describe(services, gate, url),
    port,
    dir,
    files,
    close: () =>
      (closed ??= closeServer(server).then(() => {
        if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
      })),
  };
}

interface Services {
  readonly now: () => number;
  readonly lifetimeMs: number;
  readonly validFrom: Date;
  readonly validUntil: Date;
  readonly oidc: OidcIssuer;
  readonly ctLog: CtLog;
  readonly authority: CertificateAuthority;
  readonly fulcio: Fulcio;
  readonly rekorV1: RekorV1;
  readonly rekorV2: RekorV2;
  readonly timestamps: TimestampAuthority;
  readonly stamped: { count: number };
}

async function createServices(options: SigstoreOptions): Promise<Services> {
  const now = options.now ?? Date.now;
  const lifetimeMs = options.certificateLifetimeMs ?? CERTIFICATE_LIFETIME_MS;
  const startedAt = Math.floor(now() / 1000) * 1000;
  // A year back, so that tests can forge material of the past that only its own dates condemn.
  const validFrom = new Date(startedAt - 365 * DAY_MS);
  const validUntil = new Date(startedAt + 3650 * DAY_MS);
  const period = { notBefore: validFrom, notAfter: validUntil };
  const oidc = await OidcIssuer.create(now);
  const ctLog = new CtLog();
  const authority = new CertificateAuthority(ctLog, period);
  return {
    ...{ now, lifetimeMs, validFrom, validUntil, oidc, ctLog, authority },
    fulcio: new Fulcio({ authority, oidc, lifetimeMs, now, issuers: options.issuers ?? [] }),
    rekorV1: new RekorV1(REKOR_V1_HOST, now),
    rekorV2: new RekorV2(REKOR_V2_ORIGIN),
    timestamps: new TimestampAuthority(period),
    stamped: { count: 0 },
  };
}

function openGate(options: SigstoreOptions): SigstoreGate {
  return {
    routes: [],
    latency: options.latency ?? {},
    faultHook: options.onRequest,
    sequence: 0,
    requests: { oidc: 0, fulcio: 0, rekorV1: 0, rekorV2: 0, tsa: 0, tuf: 0 },
  };
}

function openDirectory(dir: string | undefined): string {
  if (dir === undefined) return mkdtempSync(join(tmpdir(), 'promograph-sigstore-'));
  mkdirSync(dir, { recursive: true });
  return resolve(dir);
}

function serviceRoutes(services: Services): SigstoreGate['routes'] {
  const { oidc, fulcio, rekorV1, rekorV2, timestamps, stamped, now } = services;
  const counted = (): void => {
    stamped.count += 1;
  };
  return [
    ...tokenRoutes(oidc),
    ...fulcio.routes(),
    ...rekorV1Routes(rekorV1),
    ...rekorV2Routes(rekorV2),
    ...timestampRoutes(timestamps, { now, counted }),
  ];
}

function describe(
  services: Services,
  gate: SigstoreGate,
  url: string,
): Omit<RunningSigstore, 'port' | 'dir' | 'files' | 'close'> {
  const { oidc, fulcio, rekorV1, rekorV2, stamped } = services;
  return {
    url,
    tsaUrl: `${url}/api/v1/timestamp`,
    tufUrl: url + TUF_PATH,
    token: (request) => oidc.mint(request),
    counts: () => ({
      certificates: fulcio.issued,
      rekorV1Entries: rekorV1.size,
      rekorV2Entries: rekorV2.size,
      timestamps: stamped.count,
      tokens: oidc.minted,
      requests: { ...gate.requests },
    }),
    entries: () => [...rekorV1.entries(), ...rekorV2.entries()],
    forge: openForge({ ...services, url }),
    setFault: (hook) => {
      gate.faultHook = hook;
    },
  };
}
