// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  buildImage,
  type BuiltImage,
  pushImage,
  type RegistryOptions,
  type RunningRegistry,
  startRegistry,
} from '@promograph/devstack';
import { type ProgramResult, runProgram, type StartedProgram, startProgram } from './run-program.ts';

/** A staging and a production registry, and a tree with project `app` between them. */
export class PromotionWorld implements AsyncDisposable {
  readonly dir: string = mkdtempSync(join(tmpdir(), 'promograph-cli-'));
  readonly tree: string = join(this.dir, 'tree');
  readonly staging: RunningRegistry;
  readonly production: RunningRegistry;

  private constructor(staging: RunningRegistry, production: RunningRegistry) {
    this.staging = staging;
    this.production = production;
  }

  static async start(
    options: { staging?: RegistryOptions; production?: RegistryOptions } = {},
  ): Promise<PromotionWorld> {
    return new PromotionWorld(await startRegistry(options.staging), await startRegistry(options.production));
  }

  get source(): string {
    return `${this.staging.host}/staging`;
  }

  get destination(): string {
    return `${this.production.host}/prod`;
  }

  write(path: string, text: string): void {
    const file = join(this.dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Writes the two files of project `app`: image `web` with these digests and tags. */
  writeTree(
    dmap: Readonly<Record<string, readonly string[]>>,
    destinations: readonly string[] = [this.destination],
  ): void {
    const registries = [`- name: ${this.source}\n  src: true\n`, ...destinations.map((name) => `- name: ${name}\n`)];
    this.write('tree/manifests/app/promoter-manifest.yaml', `registries:\n${registries.join('')}`);
    const digests = Object.entries(dmap).map(([digest, tags]) => `    "${digest}": ${JSON.stringify(tags)}\n`);
    this.write('tree/images/app/images.yaml', `- name: web\n  dmap:\n${digests.join('')}`);
  }

  /** Pushes an image to `repository` of a registry and returns its digest. */
  async push(
    registry: RunningRegistry,
    repository: string,
    options: { seed: string; tags?: readonly string[] },
  ): Promise<string> {
    const image = smallImage(options.seed);
    await pushImage({ url: registry.url, repository, image, tags: options.tags ?? [] });
    return image.manifest.digest;
  }

  run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<ProgramResult> {
    return runProgram(argv, { cwd: this.dir, env: this.#env(env) });
  }

  start(argv: readonly string[], env: Readonly<Record<string, string>> = {}): StartedProgram {
    return startProgram(argv, { cwd: this.dir, env: this.#env(env) });
  }

  /** Nothing of the user's own: no credentials, no proxies, no state. */
  #env(more: Readonly<Record<string, string>>): Record<string, string> {
    const path = process.env['PATH'] ?? '';
    return { PATH: path, HOME: this.dir, XDG_STATE_HOME: join(this.dir, 'state'), ...more };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.staging.close(), this.production.close()]);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** An image of one layer whose bytes depend on `seed` alone. */
export function smallImage(seed: string): BuiltImage {
  return buildImage({ layers: [{ sizeBytes: 4096, seed }] });
}
