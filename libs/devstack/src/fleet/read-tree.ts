// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { DevstackError } from '../devstack-error.ts';

/** A project of a tree, as far as a stand-in cares. */
export interface TreeProject {
  readonly name: string;
  /** `host/path` of the registry that is promoted from. */
  readonly source: string;
  /** `host/path` of each registry that is promoted to. */
  readonly destinations: readonly string[];
  readonly images: readonly TreeImage[];
}

/** One entry of images.yaml. */
export interface TreeImage {
  readonly name: string;
  readonly digests: readonly { readonly digest: string; readonly tags: readonly string[] }[];
}

/**
 * Reads all projects of a tree, leniently: it stands for registries and judges no manifest. Projects without a manifest
 * or source are left out. Error: `DEVSTACK_TREE_INVALID` when there is no tree or a file is no YAML.
 */
export function readTree(dir: string): TreeProject[] {
  const manifests = join(dir, 'manifests');
  if (!existsSync(manifests)) throw new DevstackError('DEVSTACK_TREE_INVALID', `${dir} has no manifests directory`);
  const names = readdirSync(manifests).sort();
  return names.map((name) => readProject(dir, name)).filter((project) => project !== null);
}

function readProject(dir: string, name: string): TreeProject | null {
  const manifest = join(dir, 'manifests', name, 'promoter-manifest.yaml');
  const images = join(dir, 'images', name, 'images.yaml');
  if (!existsSync(manifest) || !existsSync(images)) return null;
  const registries = records(record(parse(manifest))['registries']);
  const source = registries.find((registry) => /^(?:true|yes|on|y)$/i.test(scalar(registry['src'])));
  if (!source) return null;
  const destinations = registries.filter((registry) => registry !== source).map((registry) => scalar(registry['name']));
  return { name, source: scalar(source['name']), destinations, images: records(parse(images)).map(readImage) };
}

function readImage(entry: Record<string, unknown>): TreeImage {
  const digests = Object.entries(record(entry['dmap'])).map(([digest, tags]) => {
    return { digest, tags: Array.isArray(tags) ? tags.map(scalar) : [] };
  });
  return { name: scalar(entry['name']), digests };
}

/** Failsafe: every scalar is its source text, so that tag `1.10` stays itself. Repeated keys: the last one counts. */
function parse(file: string): unknown {
  const document = parseDocument(readFileSync(file, 'utf8'), { schema: 'failsafe', uniqueKeys: false });
  const [error] = document.errors;
  if (error) throw new DevstackError('DEVSTACK_TREE_INVALID', `${file}: ${error.message}`, { cause: error });
  return document.toJS();
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function scalar(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
