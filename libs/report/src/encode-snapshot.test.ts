// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observations, RepositoryObservation } from '@promograph/plan';
import { edgesOf, planProject } from '@promograph/plan';
import { digest, observe, projectOf } from '@promograph/plan/testing';
import { decodeSnapshot, encodeSnapshot, printSnapshotArtifact } from './encode-snapshot.ts';
import { readSnapshotArtifact } from './read-artifact.ts';
import { stripUnnamed } from './strip-unnamed.ts';

const sha = (hex: string): string => hex.repeat(32);
const inputs = { manifest: sha('a1'), images: sha('b2'), config: null, baseline: sha('c3') };
const claim = { destination: 'h/a', tag: 'v1', digest: digest('aa'), project: 'q', at: 'images/q/images.yaml:1:2' };

const content = (observations: Observations): Parameters<typeof encodeSnapshot>[0] => ({
  project: 'p',
  inputs,
  claims: [claim],
  observations,
});

describe('encodeSnapshot', () => {
  it('is the layout of snapshot.json, keys sorted', () => {
    const observations = observe({ 'h/b': { bb: ['v2', 'v1'], aa: [] }, 'h/a': 'absent', 'g/c': { failure: 'down' } });

    expect(printSnapshotArtifact(content(observations))).toBe(`{
  "formatVersion": "1.0",
  "project": "p",
  "inputs": {
    "manifest": "${sha('a1')}",
    "images": "${sha('b2')}",
    "config": null,
    "baseline": "${sha('c3')}"
  },
  "claims": [
    {
      "destination": "h/a",
      "tag": "v1",
      "digest": "${digest('aa')}",
      "project": "q",
      "at": "images/q/images.yaml:1:2"
    }
  ],
  "repositories": {
    "g/c": {
      "state": "unreadable",
      "tags": {},
      "digests": {},
      "failure": {
        "code": "REGISTRY_UNREACHABLE",
        "message": "down"
      }
    },
    "h/a": {
      "state": "absent",
      "tags": {},
      "digests": {}
    },
    "h/b": {
      "state": "read",
      "tags": {
        "v1": "${digest('bb')}",
        "v2": "${digest('bb')}"
      },
      "digests": {
        "${digest('aa')}": "application/vnd.oci.image.manifest.v1+json",
        "${digest('bb')}": "application/vnd.oci.image.manifest.v1+json"
      }
    }
  }
}
`);
  });

  it('gives back through its text what it was made of, whatever tags are called', () => {
    const names = fc.oneof(
      fc.constantFrom('__proto__', 'constructor', 'toString', '10', '9', '1.10'),
      fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/),
    );
    const digests = fc.constantFrom(digest('aa'), digest('bb'), digest('cc'));
    const repository: fc.Arbitrary<RepositoryObservation> = fc.record({
      state: fc.constantFrom('read' as const, 'absent' as const),
      tags: fc.array(fc.tuple(names, digests)).map((entries) => new Map(entries)),
      digests: fc.array(fc.tuple(digests, fc.constantFrom('', 'application/x'))).map((entries) => new Map(entries)),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(names, repository)), (entries) => {
        const observations = new Map(entries);
        const text = printSnapshotArtifact(content(observations));
        const reversed = printSnapshotArtifact(content(new Map(entries.toReversed())));

        expect(JSON.parse(text)).toEqual(encodeSnapshot(content(observations)));
        expect(decodeSnapshot(readSnapshotArtifact(text))).toEqual({ observations, claims: [claim] });
        if (observations.size === entries.length) expect(reversed).toBe(text);
      }),
    );
  });

  it('refuses digests that nobody checked', () => {
    const artifact = encodeSnapshot(content(observe({})));
    const repositories = { 'h/a': { state: 'read' as const, tags: { v1: 'sha256:0' }, digests: {} } };

    expect(() => decodeSnapshot({ ...artifact, repositories })).toThrow(
      expect.objectContaining({ code: 'OCI_INVALID_DIGEST' }),
    );
  });
});

describe('stripUnnamed', () => {
  const edges = edgesOf([projectOf({ source: 's', destinations: ['h'], images: { a: { aa: ['v1'], bb: [] } } })]);
  const world = {
    's/a': { aa: ['x'], bb: [], cc: ['y'] },
    'h/a': { dd: ['v1', 'v2'], bb: ['v3'], ee: [] },
    'h/other': {},
  };
  const stripped = stripUnnamed(observe(world), edges);

  it('keeps the named repositories only', () => {
    expect([...stripped.keys()]).toEqual(['s/a', 'h/a']);
  });

  it('keeps named tags at the destination with the digest that they resolve to, and named digests', () => {
    expect([...(stripped.get('h/a')?.tags ?? [])]).toEqual([['v1', digest('dd')]]);
    expect([...(stripped.get('h/a')?.digests.keys() ?? [])].toSorted()).toEqual([digest('bb'), digest('dd')]);
  });

  it('keeps no tags of a source, only the named digests', () => {
    expect(stripped.get('s/a')?.tags.size).toBe(0);
    expect([...(stripped.get('s/a')?.digests.keys() ?? [])].toSorted()).toEqual([digest('aa'), digest('bb')]);
  });

  it('leaves the snapshot as it is when something unnamed is pushed', () => {
    const pushed = { ...world, 'h/a': { ...world['h/a'], ff: ['v9'] }, 'h/new': { aa: ['v1'] } };

    expect(encodeSnapshot(content(stripUnnamed(observe(pushed), edges)))).toEqual(encodeSnapshot(content(stripped)));
  });

  it('keeps all that the plan depends on', () => {
    const plan = (observations: Observations): unknown => planProject({ project: 'p', edges, observations });

    expect(plan(stripped)).toEqual(plan(observe(world)));
  });

  it('keeps why a repository could not be read', () => {
    expect(stripUnnamed(observe({ 'h/a': { failure: 'down' } }), edges).get('h/a')?.failure?.message).toBe('down');
  });
});
