// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevstackError, type RunningRegistry, seedImages, startRegistry } from '@promograph/devstack';
import { DemoFailure } from './demo-failure.ts';
import { type DemoRegistry, PRODUCTION, STAGING } from './demo-registries.ts';

/** The four registries of the demo, running in this process, and a directory for everything that may be forgotten. */
export interface DemoWorld extends AsyncDisposable {
  readonly staging: RunningRegistry;
  readonly production: readonly RunningRegistry[];
  /** Caches and state of this run alone. */
  readonly scratchDir: string;
}

/** Starts the registries on the ports that the tree names and seeds staging. Error: `DemoFailure` for a taken port. */
export async function openDemoWorld(): Promise<DemoWorld> {
  const scratchDir = await mkdtemp(join(tmpdir(), 'promograph-demo-'));
  const running: RunningRegistry[] = [];
  // Also when a signal ends the process.
  process.once('exit', () => rmSync(scratchDir, { recursive: true, force: true }));
  const close = async (): Promise<void> => {
    await Promise.all(running.map((registry) => registry.close()));
    await rm(scratchDir, { recursive: true, force: true });
  };
  try {
    for (const registry of [STAGING, ...PRODUCTION]) running.push(await start(registry, scratchDir));
    const [staging, ...production] = running;
    if (staging === undefined) throw new DemoFailure('no staging registry');
    await seedImages(staging.url, { prefix: STAGING.prefix });
    return { staging, production, scratchDir, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start({ name, port }: DemoRegistry, scratchDir: string): Promise<RunningRegistry> {
  try {
    return await startRegistry({ port, publicHost: 'localhost', dir: join(scratchDir, `registry-${port}`) });
  } catch (error) {
    if (!(error instanceof DevstackError) || error.code !== 'DEVSTACK_PORT_TAKEN') throw error;
    const message = `port ${port}, which the ${name} registry of the demo needs, is taken by another program`;
    throw new DemoFailure(message, { cause: error });
  }
}
