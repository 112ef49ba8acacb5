// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A project of a small tree: from `<hosts[0]>/staging` to `<host>/prod` of each other host. */
export interface ProjectSpec {
  readonly treeDir: string;
  readonly name: string;
  readonly hosts: readonly string[];
  /** Image name to digest to tags. */
  readonly images: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** Writes both files of a project; digests and tags go in as they are, also wrong ones. */
export function writeProject({ treeDir, name, hosts, images }: ProjectSpec): void {
  const [source, ...destinations] = hosts;
  const lines = [`- name: ${source}/staging`, '  src: true', ...destinations.map((host) => `- name: ${host}/prod`)];
  writeIn(join(treeDir, 'manifests', name), 'promoter-manifest.yaml', `registries:\n${lines.join('\n')}\n`);
  const entries = Object.entries(images).map(([image, dmap]) => {
    const digests = Object.entries(dmap).map(([digest, tags]) => `    "${digest}": ${JSON.stringify(tags)}\n`);
    return `- name: ${image}\n  dmap:\n${digests.join('')}`;
  });
  writeIn(join(treeDir, 'images', name), 'images.yaml', entries.length === 0 ? '[]\n' : entries.join(''));
}

function writeIn(directory: string, file: string, text: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, file), text);
}
