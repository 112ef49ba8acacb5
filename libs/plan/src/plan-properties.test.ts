// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Project } from '@promograph/manifest';
import type { Digest } from '@promograph/oci';
import { compareEdges, sortEdges } from './edge-order.ts';
import { edgesOf } from './edges-of.ts';
import { foreignClaimsByProject } from './foreign-claims.ts';
import type { Observations, RepositoryObservation } from './observation.ts';
import { planEdges, planProject } from './plan-edges.ts';
import { observationRequests, sourcesNeeded } from './read-requests.ts';
import { digest, projectOf } from './testing.ts';

const HEX = ['aa', 'bb', 'cc', 'dd'];
const TAGS = ['v1', 'v2', 'v10', 'latest'];
/** Every destination is a prefix of another or shares its spelling: the worst case for anything that splits names. */
const DESTINATIONS = ['h/prod', 'h/prod/a', 'h/prod/a/b', 'h/prod-a', 'h', 'k/prod'];
const IMAGES = ['a', 'a/b', 'b', 'a/b/a'];

const images = fc.array(
  fc.tuple(fc.constantFrom(...IMAGES), fc.dictionary(fc.constantFrom(...HEX), fc.subarray(TAGS), { maxKeys: 3 })),
  { maxLength: 4 },
);
const projects = fc
  .array(
    fc.record({
      source: fc.constantFrom('s/one', 's/two', 's/one/a'),
      destinations: fc.subarray(DESTINATIONS),
      images,
    }),
    { maxLength: 4 },
  )
  .map((shapes) => shapes.map((shape, index) => projectOf({ ...shape, name: `p${index}` })));

/** What the world holds, decided by name alone: any repository, tag and digest, seeded. */
function observationsOf(list: readonly Project[], seed: number): Observations {
  const repositories = new Set(edgesOf(list).flatMap((edge) => [edge.source, edge.destination]));
  return new Map([...repositories].map((repository) => [repository, observation(repository, seed)]));
}

function observation(repository: string, seed: number): RepositoryObservation {
  const tags = new Map<string, Digest>();
  const digests = new Map<Digest, string>();
  const nothing = { tags, digests };
  if (roll(`${repository}!`, seed) % 11 === 0) {
    return { state: 'unreadable', ...nothing, failure: { code: 'X', message: 'down' } };
  }
  if (roll(`${repository}?`, seed) % 7 === 0) return { state: 'absent', ...nothing };
  for (const hex of HEX) if (roll(`${repository}@${hex}`, seed) % 2 === 0) digests.set(digest(hex), '');
  for (const tag of TAGS) {
    const held = HEX[roll(`${repository}:${tag}`, seed) % 7];
    if (held === undefined) continue;
    digests.set(digest(held), '');
    tags.set(tag, digest(held));
  }
  return { state: 'read', ...nothing };
}

function roll(text: string, seed: number): number {
  let hash = seed;
  for (const char of text) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) >>> 0;
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 8;
}

/** The same tree written in another order; positions stay with their entries. */
function shuffled(list: readonly Project[], seed: number): readonly Project[] {
  const mix = <Item>(items: readonly Item[]): Item[] =>
    items
      .map((item, index) => ({ item, key: roll(`${index}`, seed) }))
      .toSorted((left, right) => left.key - right.key)
      .map(({ item }) => item);
  return mix(list).map((project) => ({
    ...project,
    destinations: mix(project.destinations),
    images: mix(project.images).map((image) => ({
      ...image,
      digests: mix(image.digests).map((entry) => ({ ...entry, tags: mix(entry.tags) })),
    })),
  }));
}

describe('a plan', () => {
  it('does not depend on the order of projects, images, digests, tags, registries or observations', () => {
    fc.assert(
      fc.property(projects, fc.nat(), (list, seed) => {
        const observations = observationsOf(list, seed);
        const other = shuffled(list, seed);

        const plans = planEdges({ edges: edgesOf(list), observations });

        expect(
          planEdges({ edges: edgesOf(other).toReversed(), observations: new Map([...observations].toReversed()) }),
        ).toEqual(plans);
        expect(edgesOf(other)).toEqual(edgesOf(list));
      }),
    );
  });

  it('of one project with its foreign claims is what the plan of all projects says of it', () => {
    fc.assert(
      fc.property(projects, fc.nat(), (list, seed) => {
        const observations = observationsOf(list, seed);
        const edges = edgesOf(list);
        const claims = foreignClaimsByProject(edges);

        const alone = list.map(({ name }) =>
          planProject({
            project: name,
            edges: edges.filter((edge) => edge.project === name),
            observations,
            claims: claims.get(name) ?? [],
          }),
        );

        expect(alone).toEqual(planEdges({ edges, observations, projects: list.map(({ name }) => name) }));
      }),
    );
  });

  it('needs only what its read requests name', () => {
    fc.assert(
      fc.property(projects, fc.nat(), (list, seed) => {
        const world = observationsOf(list, seed);
        const edges = edgesOf(list);
        const read = new Map<string, RepositoryObservation>();
        for (const request of observationRequests(edges)) keep(read, world, request);
        const destinationsOnly = new Map(read);
        for (const request of sourcesNeeded(edges, destinationsOnly)) keep(read, world, request);

        expect(planEdges({ edges, observations: read })).toEqual(planEdges({ edges, observations: world }));
      }),
    );
  });

  it('looks at the full repository, so registries that nest never answer for each other', () => {
    fc.assert(
      fc.property(projects, fc.nat(), (list, seed) => {
        const observations = observationsOf(list, seed);

        for (const { action, edge, observed } of planEdges({ edges: edgesOf(list), observations }).flatMap(
          (plan) => plan.actions,
        )) {
          const held = observations.get(edge.destination);
          const resolved = edge.tag === null ? undefined : held?.tags.get(edge.tag);
          if (action === 'present')
            expect(edge.tag === null ? held?.digests.has(edge.digest) : resolved).toBe(
              edge.tag === null || edge.digest,
            );
          if (observed !== null) expect(resolved).toBe(observed);
          if (action === 'add' || action === 'tag' || action === 'lost') expect(resolved).toBeUndefined();
        }
      }),
    );
  });
});

describe('edges', () => {
  it('are sorted and each there once', () => {
    fc.assert(
      fc.property(projects, (list) => {
        const edges = edgesOf([...list, ...list]);

        expect(edges).toEqual(edgesOf(list));
        for (const [index, edge] of edges.entries()) {
          const next = edges[index + 1];
          if (next !== undefined) expect(compareEdges(edge, next)).toBeLessThan(0);
        }
        expect(sortEdges(edges.toReversed())).toEqual(edges);
      }),
    );
  });

  it('count as the manifest says: destinations times tags, or once without tags', () => {
    fc.assert(
      fc.property(projects, (list) => {
        const wanted = new Set(
          list.flatMap((project) =>
            project.images.flatMap((image) =>
              image.digests.flatMap((entry) =>
                project.destinations.flatMap((registry) =>
                  (entry.tags.length === 0 ? [''] : entry.tags.map(({ tag }) => tag)).map(
                    (tag) =>
                      `${project.name} ${project.source.name}/${image.name} ${registry.name}/${image.name}:${tag}@${entry.digest}`,
                  ),
                ),
              ),
            ),
          ),
        );

        const edges = edgesOf(list).map(
          (edge) => `${edge.project} ${edge.source} ${edge.destination}:${edge.tag ?? ''}@${edge.digest}`,
        );

        expect(new Set(edges)).toEqual(wanted);
        expect(edges).toHaveLength(wanted.size);
      }),
    );
  });
});

function keep(
  read: Map<string, RepositoryObservation>,
  world: Observations,
  request: { readonly repository: string; readonly tags: readonly string[]; readonly digests: readonly Digest[] },
): void {
  const held = world.get(request.repository);
  if (held === undefined) return;
  const before = read.get(request.repository);
  const tags = new Map(before?.tags);
  const digests = new Map(before?.digests);
  for (const [tag, value] of held.tags) if (request.tags.includes(tag)) tags.set(tag, value);
  for (const [value, type] of held.digests) if (request.digests.includes(value)) digests.set(value, type);
  read.set(request.repository, { ...held, tags, digests });
}
