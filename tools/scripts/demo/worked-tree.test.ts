// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import { seedCatalogue } from '@promograph/devstack';
import { type Project, readConfig, readTree } from '@promograph/manifest';
import { describe, expect, it } from 'vitest';
import { FRONT_DOOR_PORT, hostOf, PRODUCTION, SIGNER, SIGSTORE_PORT, STAGING } from './demo-registries.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const catalogue = seedCatalogue();
const projects = [...new Set(catalogue.map(({ project }) => project))].sort();

/** One line per image, digest and tag: `name@digest:tag`, or `name@digest` without a tag. */
function linesOf(project: Project): readonly string[] {
  return project.images.flatMap(({ name, digests }) =>
    digests.flatMap(({ digest, tags }) =>
      tags.length === 0 ? [`${name}@${digest}`] : tags.map(({ tag }) => `${name}@${digest}:${tag}`),
    ),
  );
}

function seededLines(project: string): readonly string[] {
  return catalogue
    .filter((seed) => seed.project === project)
    .flatMap(({ name, tags, image }) => {
      const line = `${name}@${image.manifest.digest}`;
      return tags.length === 0 ? [line] : tags.map((tag) => `${line}:${tag}`);
    });
}

describe('the committed promotion tree', () => {
  it('is read without a finding, and has exactly the projects that the seeder knows', async () => {
    const tree = await readTree(root);

    expect(tree.findings).toEqual([]);
    expect(tree.projects.map(({ name }) => name)).toEqual(projects);
  });

  it.each(projects)('names for %s exactly the digests and tags that the seeder pushes', async (name) => {
    const { projects: read } = await readTree(root);

    const project = read.find((candidate) => candidate.name === name);

    expect([...(project === undefined ? [] : linesOf(project))].sort()).toEqual([...seededLines(name)].sort());
  });

  it.each(projects)('promotes %s from the staging registry to the three production registries', async (name) => {
    const { projects: read } = await readTree(root);

    const project = read.find((candidate) => candidate.name === name);

    expect(project?.source.name).toBe(`${hostOf(STAGING)}/${STAGING.prefix}/${name}`);
    expect(project?.destinations.map((destination) => destination.name)).toEqual(
      PRODUCTION.map((registry) => `${hostOf(registry)}/${registry.prefix}/${name}`),
    );
  });

  it('is configured without a finding for the registries of the demo alone', async () => {
    const { config, findings } = await readConfig(root);

    expect(findings).toEqual([]);
    const hosts = [...[STAGING, ...PRODUCTION].map(hostOf), `localhost:${FRONT_DOOR_PORT}`];
    expect(Object.keys(config.registries).sort()).toEqual(hosts.sort());
    expect(config.signing?.identity).toEqual({ subject: SIGNER, issuer: `http://127.0.0.1:${SIGSTORE_PORT}` });
  });
});
