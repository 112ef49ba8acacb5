// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BuiltImage,
  type RegistryOptions,
  type RunningRegistry,
  pushImage,
  startRegistry,
} from '@promograph/devstack';
import { createMemoryLeaseStore, createMemoryLimiter } from '@promograph/limiter';
import { type Repository, parseRepository } from '@promograph/oci';
import { onTestFinished } from 'vitest';
import { profileOf } from '../../src/built-in-profiles.ts';
import type { CopyEngine } from '../../src/copy-engine.ts';
import type { CopyEvent } from '../../src/copy-event.ts';
import { createCopyEngine } from '../../src/copy-images.ts';
import type { CopyEngineOptions } from '../../src/copy-options.ts';
import { createRegistryClient } from '../../src/create-registry-client.ts';

/** The real client and engine; everything ends with the test. */
export interface CopyWorld {
  readonly engine: CopyEngine;
  readonly events: CopyEvent[];
}

/** An engine on real connections, whose waits between attempts are short. */
export function copyWorld(options: Partial<CopyEngineOptions> = {}): CopyWorld {
  const events: CopyEvent[] = [];
  const base = mkdtempSync(join(tmpdir(), 'promograph-copy-'));
  const client = createRegistryClient({
    limiter: createMemoryLimiter({ capFor: () => null }),
    profileFor: (host) => profileOf(host),
    credentials: { find: async () => null },
    retry: { leastDelayMs: 1, mostDelayMs: 20 },
    timeouts: { bodyIdleMs: 2000, headersMs: 5000 },
  });
  const engine = createCopyEngine({
    client,
    leases: createMemoryLeaseStore(),
    spoolDir: join(base, 'spool'),
    retry: { attempts: 8, baseMs: 1, capMs: 20 },
    onEvent: (event) => events.push(event),
    ...options,
  });
  onTestFinished(async () => {
    await engine.close();
    await client.close();
    rmSync(base, { recursive: true, force: true });
  });
  return { engine, events };
}

/** A registry that ends with the test. */
export async function registry(options: RegistryOptions = {}): Promise<RunningRegistry> {
  const running = await startRegistry(options);
  onTestFinished(() => running.close());
  return running;
}

export function registries(count: number, options: RegistryOptions = {}): Promise<RunningRegistry[]> {
  return Promise.all(Array.from({ length: count }, () => registry(options)));
}

/** Pushes by digest alone, and forgets the requests that took. */
export async function seed(source: RunningRegistry, path: string, image: BuiltImage): Promise<Repository> {
  await pushImage({ url: source.url, repository: path, image });
  source.clearRequests();
  return parseRepository(`${source.host}/${path}`);
}

/** The repository of that path at each registry. */
export function everywhere(running: readonly RunningRegistry[], path: string): Repository[] {
  return running.map(({ host }) => parseRepository(`${host}/${path}`));
}
