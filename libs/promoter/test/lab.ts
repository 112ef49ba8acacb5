// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ProjectSpec,
  type RegistryOptions,
  type RunningRegistry,
  startRegistry,
  writeProject,
} from '@promograph/devstack';
import { openSession, type PromoterEvent, type Session, type SessionOptions } from '../src/index.ts';

/** A staging registry, two production registries and a tree between them, in a directory of their own. */
export class Lab {
  readonly dir: string = mkdtempSync(join(tmpdir(), 'promograph-lab-'));
  readonly registries: RunningRegistry[] = [];
  readonly events: PromoterEvent[] = [];
  readonly #sessions: Session[] = [];

  get tree(): string {
    return join(this.dir, 'tree');
  }

  async start(options: RegistryOptions = {}): Promise<RunningRegistry> {
    const registry = await startRegistry(options);
    this.registries.push(registry);
    return registry;
  }

  write(path: string, text: string): void {
    const file = join(this.tree, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  }

  /** Writes a project that promotes from `registries[0]` to the others; see `writeProject`. */
  project(name: string, registries: readonly RunningRegistry[], images: ProjectSpec['images']): void {
    writeProject({ treeDir: this.tree, name, hosts: registries.map(({ host }) => host), images });
  }

  async session(options: Partial<SessionOptions> = {}): Promise<Session> {
    const session = await openSession({
      cwd: this.dir,
      treeDir: this.tree,
      env: { XDG_STATE_HOME: join(this.dir, 'state') },
      homeDir: this.dir,
      onEvent: (event) => this.events.push(event),
      ...options,
    });
    this.#sessions.push(session);
    return session;
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) await session.close();
    for (const registry of this.registries) await registry.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
