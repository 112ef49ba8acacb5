// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The size and the hosts of a generated tree. Equal options give equal files. */
export interface TreeOptions {
  readonly outDir: string;
  readonly projects: number;
  /** Image entries per project. */
  readonly imagesPerProject: number;
  readonly digestsPerImage: number;
  /** Destination registries per project. */
  readonly destinations: number;
  readonly seed: string;
  /** Registry hosts: the first holds the sources, the others (or the same, when there is but one) the destinations. */
  readonly hosts: readonly [string, ...string[]];
}

/** What was written. */
export interface GeneratedTree {
  readonly projects: readonly string[];
  readonly edges: number;
  /** Source and destination repositories. */
  readonly repositories: number;
  /** Image entries that repeat the name of an earlier entry of their file. */
  readonly repeatedNames: number;
}

/** Every seventh entry of a file repeats the name before it, with digests of its own. */
const REPEAT_EVERY = 7;

/**
 * Writes a tree with the traits of a grown one: destinations nested in each other, comments, quoted and bare keys and
 * tags, several tags on a digest, repeated image names. It has no findings but the repeated names: all edges are
 * distinct, no two want the same tag.
 */
export function generateTree(options: TreeOptions): GeneratedTree {
  const projects = Array.from({ length: options.projects }, (_, index) => `project-${index}`);
  for (const [index, project] of projects.entries()) {
    write(options.outDir, ['manifests', project, 'promoter-manifest.yaml'], manifestText(options, index));
    write(options.outDir, ['images', project, 'images.yaml'], imagesText(options, index));
  }
  const entries = Array.from({ length: options.imagesPerProject }, (_, index) => index);
  const repeatedPerProject = entries.filter(isRepeated).length;
  const tags = Array.from({ length: options.digestsPerImage }, (_, index) => tagsOf(0, index).length);
  const edgesPerEntry = options.destinations * tags.reduce((sum, count) => sum + count, 0);
  return {
    projects,
    edges: options.projects * options.imagesPerProject * edgesPerEntry,
    repositories: options.projects * (options.imagesPerProject - repeatedPerProject) * (options.destinations + 1),
    repeatedNames: options.projects * repeatedPerProject,
  };
}

/** Project 0 promotes to the registries themselves, the others to paths nested in them. */
function manifestText({ hosts, destinations }: TreeOptions, index: number): string {
  const [sourceHost, ...otherHosts] = hosts;
  const targetHosts = otherHosts.length === 0 ? [sourceHost] : otherHosts;
  const lines = [
    `# staging of project ${index}`,
    'registries:',
    `- name: ${sourceHost}/staging-${index}`,
    '  src: true',
  ];
  for (let destination = 0; destination < destinations; destination += 1) {
    const host = targetHosts[destination % targetHosts.length] ?? sourceHost;
    const mirror = Math.floor(destination / targetHosts.length);
    const parts = [
      host,
      'prod',
      ...(mirror === 0 ? [] : [`mirror-${mirror}`]),
      ...(index === 0 ? [] : [`project-${index}`]),
    ];
    lines.push(`- name: ${quote(parts.join('/'), destination)}`, `  service-account: promoter@${index}.example.org`);
  }
  return `${lines.join('\n')}\n`;
}

function imagesText(options: TreeOptions, project: number): string {
  const lines = [`# images of project ${project}`];
  for (let entry = 0; entry < options.imagesPerProject; entry += 1) {
    const name = `image-${isRepeated(entry) ? entry - 1 : entry}`;
    lines.push(`- name: ${name}`, '  dmap:');
    for (let index = 0; index < options.digestsPerImage; index += 1) {
      const digest = digestOf([options.seed, project, entry, index]);
      if (index % 5 === 4) lines.push(`    # release ${index}`);
      lines.push(`    ${quote(digest, index)}: ${tagList(tagsOf(entry, index), index)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function isRepeated(entry: number): boolean {
  return entry % REPEAT_EVERY === REPEAT_EVERY - 1;
}

/** Tags are the entry's own, so that repeated names never want the same tag. Every eighth digest has two. */
function tagsOf(entry: number, index: number): string[] {
  const tag = `v${entry}.${index}.0`;
  return index % 8 === 7 ? [tag, `${tag}-stable`] : [tag];
}

function tagList(tags: readonly string[], index: number): string {
  const items = tags.map((tag) => quote(tag, index)).join(', ');
  return index % 6 === 5 ? `[ ${items} ]` : `[${items}]`;
}

function quote(text: string, index: number): string {
  return [`"${text}"`, `'${text}'`, text][index % 3] ?? text;
}

function digestOf(parts: readonly (string | number)[]): string {
  return `sha256:${createHash('sha256').update(parts.join('/')).digest('hex')}`;
}

function write(outDir: string, path: readonly string[], text: string): void {
  mkdirSync(join(outDir, ...path.slice(0, -1)), { recursive: true });
  writeFileSync(join(outDir, ...path), text);
}
