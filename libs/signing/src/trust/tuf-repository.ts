// SPDX-License-Identifier: Apache-2.0
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorMessage, isPromographError } from '@promograph/errors';
import { Updater } from 'tuf-js';
import type { ServiceClient } from '../sign/service-client.ts';
import { checkServiceUrl } from '../sign/service-url.ts';
import { SigningError } from '../signing-error.ts';
import { PUBLIC_GOOD_MIRROR, shippedRoot } from './shipped-root.ts';
import { TufFetcher } from './tuf-fetcher.ts';

/** Where trust is published and where it is kept. */
export interface TufOptions {
  /** Default: sigstore's public good instance. */
  readonly mirror?: string;
  /** Path of the root.json to begin with. Default: the one that is shipped, for the public good instance only. */
  readonly rootPath?: string;
  /** Kept between runs; made when missing. */
  readonly cacheDir: string;
  readonly client: ServiceClient;
}

/**
 * Reads targets of a TUF repository: from the network, and where that cannot be reached from what an earlier run kept,
 * as long as its metadata has not expired. Null for what it does not have. Error `SIGNING_TRUST`.
 */
export async function readTufTargets(
  options: TufOptions,
  names: readonly string[],
): Promise<readonly (Buffer | null)[]> {
  const mirror = mirrorOf(options);
  const root = await initialRoot(options, mirror);
  const cache = join(options.cacheDir, cacheName(mirror, root));
  await mkdir(cache, { recursive: true });
  // tuf-js writes in place: beside the cache nobody sees half a file, and what failed leaves no trace.
  const work = await mkdtemp(`${cache}-work-`);
  try {
    return await readWith({ ...options, mirror, work, cache, root }, names);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

interface Workplace extends TufOptions {
  readonly mirror: string;
  readonly cache: string;
  readonly work: string;
  readonly root: Buffer;
}

async function readWith(place: Workplace, names: readonly string[]): Promise<readonly (Buffer | null)[]> {
  const isSpare = existsSync(join(place.cache, 'timestamp.json'));
  const online = new TufFetcher({ client: place.client, dir: place.work, isSpare });
  try {
    const targets = await attempt(place, online, names);
    await keep(place.work, place.cache);
    return targets;
  } catch (error) {
    if (online.failure === null) throw untrusted(place.mirror, error);
    try {
      return await attempt(place, new TufFetcher({ client: null, dir: place.work }), names);
    } catch {
      // What is kept does not help either: that it could not be renewed is what must be mended.
      throw isPromographError(online.failure) ? online.failure : untrusted(place.mirror, online.failure);
    }
  }
}

async function attempt(
  place: Workplace,
  fetcher: TufFetcher,
  names: readonly string[],
): Promise<readonly (Buffer | null)[]> {
  const { mirror, cache, work, root } = place;
  await rm(work, { recursive: true, force: true });
  await cp(cache, work, { recursive: true });
  await mkdir(join(work, 'targets'), { recursive: true });
  await writeFile(join(work, 'root.json'), root, { flag: 'wx' }).catch(ifThere);
  const updater = new Updater({
    metadataDir: work,
    metadataBaseUrl: mirror,
    targetDir: join(work, 'targets'),
    targetBaseUrl: `${mirror}/targets`,
    fetcher,
    forceCache: fetcher.isOffline,
  });
  await updater.refresh();
  const targets: (Buffer | null)[] = [];
  for (const name of names) targets.push(await readTarget(updater, name));
  return targets;
}

async function readTarget(updater: Updater, name: string): Promise<Buffer | null> {
  const info = await updater.getTargetInfo(name);
  if (info === undefined) return null;
  return readFile((await updater.findCachedTarget(info)) ?? (await updater.downloadTarget(info)));
}

/** Moves the files of `work` into `cache`, each in one step. */
async function keep(work: string, cache: string): Promise<void> {
  const files = (await readdir(work, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  for (const file of files) {
    const source = join(file.parentPath, file.name);
    const target = join(cache, source.slice(work.length));
    await mkdir(dirname(target), { recursive: true });
    const beside = `${target}.${randomUUID()}`;
    await cp(source, beside);
    await rename(beside, target);
  }
}

function mirrorOf({ mirror = PUBLIC_GOOD_MIRROR }: TufOptions): string {
  if (!URL.canParse(mirror)) throw new SigningError('SIGNING_CONFIG', 'the TUF mirror is no URL');
  checkServiceUrl(new URL(mirror), { code: 'SIGNING_CONFIG', name: 'the TUF repository' });
  return mirror.replace(/\/+$/, '');
}

async function initialRoot({ rootPath }: TufOptions, mirror: string): Promise<Buffer> {
  if (rootPath === undefined) return shippedRoot(mirror);
  try {
    return await readFile(rootPath);
  } catch (cause) {
    throw new SigningError('SIGNING_TRUST', `the TUF root ${rootPath} cannot be read`, { cause });
  }
}

/** What one root vouched for is never taken for another. */
function cacheName(mirror: string, root: Buffer): string {
  const { host, pathname } = new URL(mirror);
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 16);
  return `${encodeURIComponent(host + pathname.replace(/\/$/, ''))}-${hash}`;
}

function ifThere(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}

function untrusted(mirror: string, cause: unknown): SigningError {
  return new SigningError('SIGNING_TRUST', `the TUF repository ${mirror} cannot be trusted: ${errorMessage(cause)}`, {
    cause,
  });
}
