// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { edgesOf } from './edges-of.ts';
import { observationRequests, sourcesNeeded } from './read-requests.ts';
import { digest, observe, projectOf } from './testing.ts';

const project = projectOf({
  destinations: ['gcr.io/bar'],
  images: { b: { bb: ['v2', 'v1'], aa: [] }, a: { cc: ['v1'] } },
});

describe('observationRequests', () => {
  it('asks every destination repository for the tags and digests that edges name, sorted', () => {
    expect(observationRequests(edgesOf([project]))).toEqual([
      { repository: 'gcr.io/bar/a', tags: ['v1'], digests: [digest('cc')] },
      { repository: 'gcr.io/bar/b', tags: ['v1', 'v2'], digests: [digest('aa'), digest('bb')] },
    ]);
  });

  it('asks a repository once although two projects promote to it', () => {
    const other = projectOf({
      name: 'q',
      source: 'gcr.io/x',
      destinations: ['gcr.io'],
      images: { 'bar/a': { cc: ['v2'] } },
    });

    expect(observationRequests(edgesOf([project, other]))[0]).toEqual({
      repository: 'gcr.io/bar/a',
      tags: ['v1', 'v2'],
      digests: [digest('cc')],
    });
  });

  it('asks nothing without edges', () => {
    expect(observationRequests([])).toEqual([]);
  });
});

describe('sourcesNeeded', () => {
  it('asks a source for the digests that some destination misses, and for no tags', () => {
    const observations = observe({ 'gcr.io/bar/a': { cc: ['v1'] }, 'gcr.io/bar/b': { aa: [] } });

    expect(sourcesNeeded(edgesOf([project]), observations)).toEqual([
      { repository: 'gcr.io/foo/b', tags: [], digests: [digest('bb')] },
    ]);
  });

  it.each([
    [
      'everything is present',
      observe({ 'gcr.io/bar/a': { cc: ['v1'] }, 'gcr.io/bar/b': { aa: [], bb: ['v1', 'v2'] } }),
    ],
    ['only tags are missing', observe({ 'gcr.io/bar/a': { cc: [] }, 'gcr.io/bar/b': { aa: [], bb: [] } })],
    ['every tag has moved', observe({ 'gcr.io/bar/a': { dd: ['v1'] }, 'gcr.io/bar/b': { dd: ['v1', 'v2'], aa: [] } })],
    ['no destination can be read', observe({ 'gcr.io/bar/a': { failure: '5' }, 'gcr.io/bar/b': { failure: '5' } })],
  ])('asks no source when %s', (_name, observations) => {
    expect(sourcesNeeded(edgesOf([project]), observations)).toEqual([]);
  });

  it('asks no source for an overlap with a claim of another project', () => {
    const edges = edgesOf([projectOf({ destinations: ['gcr.io/bar'], images: { a: { cc: ['v1'] } } })]);
    const claim = { destination: 'gcr.io/bar/a', tag: 'v1', digest: digest('dd'), project: 'q', at: 'q:1:1' };

    expect(sourcesNeeded(edges, observe({ 'gcr.io/bar/a': {} }), [claim])).toEqual([]);
    expect(sourcesNeeded(edges, observe({ 'gcr.io/bar/a': {} }))).toHaveLength(1);
  });
});
