// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_INPUT_LIMITS, type Project, readPlainManifest, readTreeFrom } from '@promograph/manifest';
import { edgesOf, type PromotionEdge } from '@promograph/plan';
import { gitTreeSource } from './git-tree-source.ts';

/** What is compared with what. */
export interface NarrowOptions {
  /** The tree's root, inside a git repository. */
  readonly root: string;
  /** Any commit, tag or branch. */
  readonly ref: string;
  /** The edges of the tree as it is now, in plan order. */
  readonly current: readonly PromotionEdge[];
  /** Name of the plain manifest in the root, where the tree is one. */
  readonly plainManifest?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The present edges that were not there at `ref`, in plan order. Both sides are compared as parsed, whatever line caused a
 * change: a registry added to a promoter manifest counts, one taken away does not. A project that could not be used at
 * `ref` counts as absent there. Error: `PROMOTER_GIT`.
 */
export async function narrowSince(options: NarrowOptions): Promise<readonly PromotionEdge[]> {
  const before = new Set(edgesOf(await projectsAt(options)).map(keyOf));
  return options.current.filter((edge) => !before.has(keyOf(edge)));
}

/** An edge without its project and place: moved to another file, it is still the same promotion. */
function keyOf({ source, destination, digest, tag }: PromotionEdge): string {
  return `${source} ${destination} ${digest} ${tag ?? ''}`;
}

async function projectsAt({ root, ref, plainManifest, env, signal }: NarrowOptions): Promise<readonly Project[]> {
  const place = { dir: root, env, ...(signal && { signal }) };
  if (plainManifest !== undefined) {
    const source = await gitTreeSource(place, ref, [plainManifest]);
    const read = await source.read(plainManifest, DEFAULT_INPUT_LIMITS.maxBytes);
    return read.kind === 'bytes' ? plainProjects(plainManifest, read.bytes) : [];
  }
  const source = await gitTreeSource(place, ref, ['manifests', 'images']);
  return (await readTreeFrom(source, { baseline: null })).projects;
}

/** Plain manifests are read from files only, so the old one becomes a file for a moment. */
async function plainProjects(name: string, bytes: Uint8Array): Promise<readonly Project[]> {
  const dir = await mkdtemp(join(tmpdir(), 'promograph-since-'));
  try {
    await writeFile(join(dir, name), bytes);
    return (await readPlainManifest(join(dir, name), { baseline: null })).projects;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
