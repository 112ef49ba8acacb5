// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { edgesOf } from './edges-of.ts';
import { planEdges } from './plan-edges.ts';
import { observationRequests, sourcesNeeded } from './read-requests.ts';
import { observe, projectOf } from './testing.ts';

const PROD = 'us-docker.pkg.dev/k8s-artifacts-prod/images';

/** All orders of `items`. */
function orders<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) => orders(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

describe('registries that nest', () => {
  const projects = [
    projectOf({
      name: 'top',
      source: 'gcr.io/k8s-staging-foo',
      destinations: [PROD],
      images: { 'kube-state-metrics': { aa: ['v1'] } },
    }),
    projectOf({
      name: 'nested',
      source: 'gcr.io/k8s-staging-foo/sub',
      destinations: [`${PROD}/kube-state-metrics`],
      images: { 'path/image': { bb: ['v1'] } },
    }),
    projectOf({
      name: 'beside',
      source: 'gcr.io/k8s-staging-foo2',
      destinations: [`${PROD}2`],
      images: { image: { cc: ['v1'] } },
    }),
  ];
  const observations = observe({
    'gcr.io/k8s-staging-foo/kube-state-metrics': { aa: [] },
    'gcr.io/k8s-staging-foo/sub/path/image': { bb: [] },
    'gcr.io/k8s-staging-foo2/image': { cc: [] },
    [`${PROD}/kube-state-metrics`]: { aa: ['v1'] },
    [`${PROD}/kube-state-metrics/path/image`]: { dd: ['v1'] },
    [`${PROD}2/image`]: {},
  });

  it.each(orders(projects).map((list) => ({ names: list.map(({ name }) => name).join(', '), list })))(
    'are each read where their full repository says, in the order $names',
    ({ list }) => {
      const actions = planEdges({ edges: edgesOf(list), observations }).flatMap((plan) => plan.actions);

      expect(actions.map(({ action, reason, edge }) => [edge.project, action, reason])).toEqual([
        ['beside', 'add', null],
        ['nested', 'refused', 'tag-move'],
        ['top', 'present', null],
      ]);
    },
  );

  it('gives the image gcr.io/k8s-staging-foo/sub/path/image the same repository from either registry that could name it', () => {
    const long = projectOf({
      source: 'gcr.io/k8s-staging-foo/sub',
      destinations: ['h/x'],
      images: { 'path/image': { aa: [] } },
    });
    const short = projectOf({
      source: 'gcr.io/k8s-staging-foo',
      destinations: ['h/x'],
      images: { 'sub/path/image': { aa: [] } },
    });

    expect(edgesOf([long])[0]?.source).toBe(edgesOf([short])[0]?.source);
  });

  it('needs no list of known registries: a host that nobody declared is a repository like any other', () => {
    const project = projectOf({
      source: 'unknown.example:5000/x',
      destinations: ['other.example'],
      images: { y: { aa: [] } },
    });

    expect(edgesOf([project])[0]).toMatchObject({ source: 'unknown.example:5000/x/y', destination: 'other.example/y' });
  });

  it('reads for one edge its source and its destination repository and nothing else', () => {
    const edges = edgesOf([projectOf({ source: 'h/src', destinations: ['h/dst'], images: { foo: { aa: ['v1'] } } })]);
    const destinations = observationRequests(edges);
    const sources = sourcesNeeded(edges, observe({ 'h/dst/foo': 'absent' }));

    expect([...destinations, ...sources].map(({ repository }) => repository)).toEqual(['h/dst/foo', 'h/src/foo']);
  });
});
