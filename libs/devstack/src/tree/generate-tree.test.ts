// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fleetState } from '../fleet/fleet-state.ts';
import { readTree } from '../fleet/read-tree.ts';
import { generateTree, type TreeOptions } from './generate-tree.ts';

describe('generateTree', () => {
  let dir: string;
  const options = (overrides: Partial<TreeOptions> = {}): TreeOptions => ({
    outDir: join(dir, 'tree'),
    projects: 3,
    imagesPerProject: 8,
    digestsPerImage: 9,
    destinations: 4,
    seed: 's',
    hosts: ['staging.example', 'us.example', 'eu.example'],
    ...overrides,
  });

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'generate-tree-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('tells the edges and repositories that its files have', () => {
    const tree = generateTree(options());

    const state = fleetState(readTree(join(dir, 'tree')), 1);
    expect(state.edges).toBe(tree.edges);
    expect(state.sources + state.destinations).toBe(tree.repositories);
    expect(tree).toMatchObject({ edges: 3 * 8 * 4 * 10, repeatedNames: 3 });
  });

  it('has no two digests that want one tag: everything can be present', () => {
    const tree = generateTree(options());

    expect(fleetState(readTree(join(dir, 'tree')), 1).present).toBe(tree.edges);
  });

  it('writes equal files for equal options and other digests for another seed', () => {
    const read = (name: string): string => readFileSync(join(dir, name, 'images', 'project-1', 'images.yaml'), 'utf8');
    generateTree(options());
    generateTree(options({ outDir: join(dir, 'again') }));
    generateTree(options({ outDir: join(dir, 'other'), seed: 't' }));

    expect(read('again')).toBe(read('tree'));
    expect(read('other')).not.toBe(read('tree'));
  });

  it('nests destinations, comments, quotes in several ways and repeats names', () => {
    generateTree(options());

    const projects = readTree(join(dir, 'tree'));
    const images = readFileSync(join(dir, 'tree', 'images', 'project-1', 'images.yaml'), 'utf8');
    expect(projects[0]?.destinations).toContain('us.example/prod');
    expect(projects[1]?.destinations).toContain('us.example/prod/project-1');
    expect(projects[1]?.images.filter(({ name }) => name === 'image-5')).toHaveLength(2);
    for (const style of [/^#/m, /^ {4}"sha256:/m, /^ {4}'sha256:/m, /^ {4}sha256:/m]) expect(images).toMatch(style);
  });

  it('makes do with one host', () => {
    generateTree(options({ hosts: ['only.example'] }));

    expect(readTree(join(dir, 'tree'))[0]?.destinations[0]).toBe('only.example/prod');
  });
});
