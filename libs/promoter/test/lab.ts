// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRegistry, type RegistryOptions, type RunningRegistry } from '@promograph/devstack';
import { openSession, type PromoterEvent, type Session, type SessionOptions } from '../src/index.ts';

/** A project of a test's tree: image name to digest to tags. */
export type ProjectImages = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

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

  /** Writes a project that promotes from `hosts[0]/staging` to `<host>/prod` of each other host. */
  project(name: string, hosts: readonly RunningRegistry[], images: ProjectImages): void {
    const [source, ...destinations] = hosts.map(({ host }) => host);
    const lines = [`- name: ${source}/staging`, '  src: true', ...destinations.map((host) => `- name: ${host}/prod`)];
    this.write(`manifests/${name}/promoter-manifest.yaml`, `registries:\n${lines.join('\n')}\n`);
    const entries = Object.entries(images).map(([image, dmap]) => {
      const digests = Object.entries(dmap).map(([digest, tags]) => `    "${digest}": ${JSON.stringify(tags)}\n`);
      return `- name: ${image}\n  dmap:\n${digests.join('')}`;
    });
    this.write(`images/${name}/images.yaml`, entries.length === 0 ? '[]\n' : entries.join(''));
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
