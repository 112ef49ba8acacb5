// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildImage, buildIndex, pushImage } from '@promograph/devstack';
import { execa } from 'execa';
import { type PeerProgram, requirePeer } from './peer-programs.ts';
import { type RedirectorProgram, startRedirectorProgram } from './redirector-program.ts';

/** A registry behind the front door. */
export interface Mirror {
  readonly url: string;
  readonly host: string;
  close(): Promise<void>;
}

/** Path in front of every repository at every registry. */
export const MIRROR_PREFIX = 'prod/images';

/** An index of two platforms; equal on every machine. */
export const IMAGE = buildIndex({
  images: ['linux/amd64', 'linux/arm64'].map((platform) => {
    return buildImage({ platform, layers: [{ sizeBytes: 4000, seed: platform }] });
  }),
});

/** A program of another project that ended. */
export interface PeerRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const LIMIT_MS = 60_000;
const PASSWORD = 'not a secret';

/** Registries, a key to sign with, a front door, and a directory that all of it may write to. */
export class RedirectorLab {
  readonly dir: string = mkdtempSync(join(tmpdir(), 'promograph-front-door-'));
  readonly #cleanups: (() => Promise<void>)[] = [];

  /** Closed, last first, when the lab is. */
  keep<Closable extends { close(): Promise<void> }>(closable: Closable): Closable {
    this.#cleanups.push(() => closable.close());
    return closable;
  }

  async push(mirror: Mirror, repository: string, tags: readonly string[]): Promise<void> {
    await pushImage({ url: mirror.url, repository: `${MIRROR_PREFIX}/${repository}`, image: IMAGE, tags });
  }

  /** Starts a front door of this canonical registry and these regions, `west` first. */
  async open(
    canonical: Mirror,
    regions: Readonly<Record<string, object>>,
    more: object = {},
  ): Promise<RedirectorProgram> {
    const config = { canonical: [registryAt(canonical)], regions, default: Object.keys(regions)[0], ...more };
    return this.keep(await startRedirectorProgram(config));
  }

  /** Runs a program in the lab's directory. */
  async run(program: PeerProgram, ...args: readonly string[]): Promise<PeerRun> {
    const env = { HOME: this.dir, COSIGN_PASSWORD: PASSWORD, NO_COLOR: '1' };
    const options = { cwd: this.dir, env, reject: false, timeout: LIMIT_MS } as const;
    const { exitCode = -1, stdout, stderr } = await execa(requirePeer(program), [...args], options);
    return { exitCode, stdout, stderr };
  }

  /** Signs the image of a repository and attests to it, in the layouts of cosign 2 (tags) and 3 (referrers). */
  async sign(canonical: Mirror, repository: string): Promise<void> {
    const image = `${canonical.host}/${MIRROR_PREFIX}/${repository}@${IMAGE.manifest.digest}`;
    writeFileSync(join(this.dir, 'predicate.json'), '{"checked": true}');
    const key = ['--yes', '--key', 'cosign.key'];
    const [tags, referrers] = [['--tlog-upload=false'], ['--signing-config', 'signing.json']];
    const predicate = ['--predicate', 'predicate.json', '--type'];
    const calls: readonly [PeerProgram, readonly string[]][] = [
      ['cosign2', ['generate-key-pair']],
      ['cosign3', ['signing-config', 'create', '--out', 'signing.json']],
      ['cosign2', ['sign', ...key, ...tags, image]],
      ['cosign2', ['attest', ...key, ...tags, ...predicate, OLD_PREDICATE, image]],
      ['cosign3', ['sign', ...key, ...referrers, image]],
      ['cosign3', ['attest', ...key, ...referrers, ...predicate, NEW_PREDICATE, image]],
    ];
    for (const [program, args] of calls) {
      const { exitCode, stderr } = await this.run(program, ...args);
      if (exitCode !== 0) throw new Error(`${program} ${args[0]}: ${stderr}`);
    }
  }

  async close(): Promise<void> {
    for (const cleanup of this.#cleanups.reverse()) await cleanup();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Predicate types that tell which cosign attested. */
export const OLD_PREDICATE = 'https://example.org/old';
export const NEW_PREDICATE = 'https://example.org/new';

/** Endpoint and prefix, as the configuration wants them. */
export function registryAt(mirror: Mirror): { readonly endpoint: string; readonly prefix: string } {
  return { endpoint: mirror.url, prefix: MIRROR_PREFIX };
}
