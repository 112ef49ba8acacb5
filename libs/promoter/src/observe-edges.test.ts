// SPDX-License-Identifier: Apache-2.0
import { parseDigest } from '@promograph/oci';
import type { PromotionEdge } from '@promograph/plan';
import type { RegistryClient } from '@promograph/registry';
import { describe, expect, it } from 'vitest';
import { observeEdges } from './observe-edges.ts';

const DIGEST = parseDigest(`sha256:${'a'.repeat(64)}`);
const HOSTS = ['a.example.org', 'b.example.org', 'c.example.org'];

/** `count` images of one project, each at every host. */
function edgesTo(hosts: readonly string[], count: number): readonly PromotionEdge[] {
  return hosts.flatMap((host) =>
    Array.from({ length: count }, (_, index) => ({
      project: 'app',
      source: `staging.example.org/image-${index}`,
      destination: `${host}/image-${index}`,
      digest: DIGEST,
      tag: null,
      at: { file: 'images.yaml', line: 1, column: 1 },
    })),
  );
}

/** A client that holds every digest and notes the hosts asked, in order. */
function notingClient(asked: string[]): RegistryClient {
  const client: Partial<RegistryClient> = {
    observe: async ({ host }) => {
      asked.push(host);
      return { tags: new Map(), digests: new Map([[DIGEST, '']]), children: [], isComplete: true };
    },
  };
  return client as RegistryClient;
}

describe('observeEdges', () => {
  it('asks all hosts from the start, however many repositories the first has', async () => {
    const asked: string[] = [];
    const edges = [...edgesTo(HOSTS.slice(0, 2), 300), ...edgesTo(HOSTS.slice(2), 1)];

    await observeEdges(edges, [], { client: notingClient(asked), onEvent: () => undefined, signal: undefined });

    expect(asked.slice(0, 5)).toEqual([...HOSTS, 'a.example.org', 'b.example.org']);
    expect(asked).toHaveLength(601);
  });

  it('gives an observation of every destination', async () => {
    const edges = [...edgesTo(HOSTS.slice(0, 2), 3), ...edgesTo(HOSTS.slice(2), 1)];

    const observations = await observeEdges(edges, [], {
      client: notingClient([]),
      onEvent: () => undefined,
      signal: undefined,
    });

    expect([...observations.keys()].sort()).toEqual(edges.map(({ destination }) => destination).sort());
  });
});
