// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  DevstackError,
  type RunningRegistry,
  type RunningSigstore,
  seedImages,
  startRegistry,
  startSigstore,
} from '@promograph/devstack';
import { loadSettings, RedirectorError, type RunningRedirector, startRedirector } from '@promograph/redirector';
import { DemoFailure } from './demo-failure.ts';
import { type DemoRegistry, FRONT_DOOR_PORT, PRODUCTION, SIGNER, SIGSTORE_PORT, STAGING } from './demo-registries.ts';

/** Everything that the demo talks to, running in this process, and a directory for what may be forgotten. */
export interface DemoWorld extends AsyncDisposable {
  readonly staging: RunningRegistry;
  readonly production: readonly RunningRegistry[];
  readonly sigstore: RunningSigstore;
  /** Caches and state of this run alone. */
  readonly scratchDir: string;
}

/** Where `promograph.yaml` looks for the sigstore of the demo, below the repository. */
const TRUST_DIR = '.demo/sigstore';

/**
 * Starts registries, sigstore and front door on the ports that the tree names, and seeds staging; trust goes to
 * `<repository>/.demo`. `first` is the staging registry, whose port is taken before anything else. Error: `DemoFailure` for
 * a taken port.
 */
export async function openDemoWorld(repository: string, first: DemoRegistry = STAGING): Promise<DemoWorld> {
  const scratchDir = await mkdtemp(join(tmpdir(), 'promograph-demo-'));
  const own = [scratchDir];
  const running: { close(): Promise<void> }[] = [];
  // Also when a signal ends the process.
  process.once('exit', () => {
    for (const directory of own) rmSync(directory, { recursive: true, force: true });
  });
  const close = async (): Promise<void> => {
    for (const service of running.toReversed()) await service.close();
    for (const directory of own) await rm(directory, { recursive: true, force: true });
  };
  const keep = <Service extends { close(): Promise<void> }>(service: Service): Service => {
    running.push(service);
    return service;
  };
  try {
    const staging = keep(await startOne(first, scratchDir));
    // Whoever holds the first port owns the trust files: a second demo that fails there must not take them away.
    own.push(join(repository, '.demo'));
    const production: RunningRegistry[] = [];
    for (const registry of PRODUCTION) production.push(keep(await startOne(registry, scratchDir)));
    await seedImages(staging.url, { prefix: first.prefix });
    const sigstore = keep(await startTrust(join(repository, TRUST_DIR)));
    const door = await startFrontDoor();
    keep({ close: () => door.stop() });
    return { staging, production, sigstore, scratchDir, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

function startOne({ name, port }: DemoRegistry, scratchDir: string): Promise<RunningRegistry> {
  const dir = join(scratchDir, `registry-${port}`);
  return onPort(port, `the ${name} registry`, () => startRegistry({ port, publicHost: 'localhost', dir }));
}

/** A sigstore with a token of the release's signer beside its trust files. */
async function startTrust(dir: string): Promise<RunningSigstore> {
  await mkdir(dir, { recursive: true });
  const sigstore = await onPort(SIGSTORE_PORT, 'the sigstore', () => startSigstore({ port: SIGSTORE_PORT, dir }));
  await writeFile(join(dir, 'token'), sigstore.token({ email: SIGNER, subject: SIGNER }), { mode: 0o600 });
  return sigstore;
}

function startFrontDoor(): Promise<RunningRedirector> {
  const configFile = fileURLToPath(new URL('redirector.yaml', import.meta.url));
  return onPort(FRONT_DOOR_PORT, 'the front door', async () =>
    startRedirector(await loadSettings({ configFile, env: {}, region: undefined }), { writeLog: () => undefined }),
  );
}

/** A port that is taken is one clear line. */
async function onPort<Service>(port: number, what: string, start: () => Promise<Service>): Promise<Service> {
  try {
    return await start();
  } catch (error) {
    const isTaken =
      (error instanceof DevstackError && error.code === 'DEVSTACK_PORT_TAKEN') ||
      (error instanceof RedirectorError && error.code === 'REDIRECTOR_CANNOT_LISTEN');
    if (!isTaken) throw error;
    const message = `port ${port}, which ${what} of the demo needs, is taken by another program (another demo?)`;
    throw new DemoFailure(message, { cause: error });
  }
}
