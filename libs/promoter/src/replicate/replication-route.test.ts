// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import type { PromotionEdge } from '@promograph/plan';
import { describe, expect, it } from 'vitest';
import { canonicalRepositories } from '../trust/canonical-repositories.ts';
import { replicationRoutes, type ReplicationRoute } from './replication-route.ts';

function edge(destination: string, digest: string, project = 'project'): PromotionEdge {
  const at = { file: 'images.yaml', line: 1, column: 1 };
  return { project, source: 'staging/app', destination, digest: digest as Digest, tag: 'v1', at };
}

const routesOf = (
  edges: readonly PromotionEdge[],
  every: readonly PromotionEdge[] = edges,
): readonly ReplicationRoute[] =>
  replicationRoutes(edges, canonicalRepositories(every, { canonical: 'us/prod', references: [] }));

describe('replicationRoutes', () => {
  it('lead from the destination below the prefix to all others of the same digest', () => {
    const edges = ['us/prod/app', 'asia/prod/app', 'europe/prod/app'].flatMap((destination) => [
      edge(destination, 'b'),
      edge(destination, 'a'),
      edge(destination, 'a'),
    ]);

    expect(routesOf(edges)).toEqual([
      {
        canonical: 'us/prod/app',
        reference: 'us/prod/app',
        mirrors: ['asia/prod/app', 'europe/prod/app'],
        digests: ['a', 'b'],
      },
    ]);
  });

  it('join the mirrors that several projects name, and take the first of several canonical ones', () => {
    const edges = [
      edge('us/prod/app', 'a', 'one'),
      edge('asia/prod/app', 'a', 'one'),
      edge('us/prod/app', 'b', 'two'),
      edge('europe/prod/app', 'b', 'two'),
      edge('us/prod/copy/app', 'b', 'two'),
    ];

    expect(routesOf(edges)).toEqual([
      {
        canonical: 'us/prod/app',
        reference: 'us/prod/app',
        mirrors: ['asia/prod/app', 'europe/prod/app', 'us/prod/copy/app'],
        digests: ['a', 'b'],
      },
    ]);
  });

  it('do not start where nothing is below the prefix, which ends at a slash', () => {
    expect(routesOf([edge('us/prod-old/app', 'a'), edge('asia/app', 'a')])).toEqual([]);
  });

  it('start at the canonical repository, also where only edges to other destinations were selected', () => {
    const added = edge('asia/prod/app', 'a');

    expect(routesOf([added], [edge('us/prod/app', 'a'), edge('us/prod/copy/app', 'a'), added])).toEqual([
      { canonical: 'us/prod/app', reference: 'us/prod/app', mirrors: ['asia/prod/app'], digests: ['a'] },
    ]);
  });
});
