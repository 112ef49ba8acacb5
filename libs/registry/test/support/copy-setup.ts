// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryLeaseStore } from '@promograph/limiter';
import type { Repository } from '@promograph/oci';
import { onTestFinished } from 'vitest';
import type { CopyEngine } from '../../src/copy-engine.ts';
import type { CopyEvent } from '../../src/copy-event.ts';
import { createCopyEngine } from '../../src/copy-images.ts';
import type { CopyEngineOptions } from '../../src/copy-options.ts';
import { FakeRegistries } from './fake-registry-client.ts';

/** A copy engine over registries in memory. */
export interface CopySetup {
  readonly registries: FakeRegistries;
  readonly engine: CopyEngine;
  readonly events: CopyEvent[];
  readonly spoolDir: string;
  /** What lies in the spool directory now. */
  spoolFiles(): string[];
}

/** Everything is closed and removed when the test ends. Waits between attempts are one millisecond at most. */
export function copySetup(options: Partial<CopyEngineOptions> = {}): CopySetup {
  const registries = new FakeRegistries();
  const events: CopyEvent[] = [];
  const base = mkdtempSync(join(tmpdir(), 'promograph-spool-'));
  const spoolDir = join(base, 'spool');
  const engine = createCopyEngine({
    client: registries.client(),
    leases: createMemoryLeaseStore(),
    spoolDir,
    retry: { attempts: 5, baseMs: 1, capMs: 1 },
    onEvent: (event) => events.push(event),
    ...options,
  });
  onTestFinished(async () => {
    await engine.close();
    rmSync(base, { recursive: true, force: true });
  });
  return { registries, engine, events, spoolDir, spoolFiles: () => listed(spoolDir) };
}

/** `host/path` without the checks of a real name. */
export function at(host: string, path: string): Repository {
  return { host, path };
}

function listed(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
