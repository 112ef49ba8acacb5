// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { MEDIA_TYPES } from '@promograph/oci';
import type { Project } from '@promograph/manifest';
import { edgesOf } from './edges-of.ts';
import type { Observations } from './observation.ts';
import { planEdges, planProject } from './plan-edges.ts';
import { type ContentShape, digest, type ImagesShape, observe, projectOf } from './testing.ts';

type Registries = Readonly<Record<string, ContentShape | 'absent' | { readonly failure: string }>>;

/** Source gcr.io/foo, destinations gcr.io/bar and gcr.io/cat; repositories that a row does not name are empty. */
function world(registries: Registries, images: readonly string[] = ['a']): Observations {
  const empty = ['foo', 'bar', 'cat'].flatMap((name) =>
    images.map((image) => [`gcr.io/${name}/${image}`, {}] as const),
  );
  return observe({ ...Object.fromEntries(empty), ...registries });
}

function actions(project: Project, observations: Observations): readonly string[] {
  const plan = planProject({ project: project.name, edges: edgesOf([project]), observations });
  return plan.actions.map(({ action, reason, edge }) => {
    const what = reason === null ? action : `${action} ${reason}`;
    return `${what} ${edge.destination.slice('gcr.io/'.length)}:${edge.tag ?? ''}@${edge.digest.slice(7, 9)}`;
  });
}

const has = { aa: ['v1'] };

const rows: readonly { name: string; images: ImagesShape; registries: Registries; actions: readonly string[] }[] = [
  {
    name: 'a destination that resolves the tag to the digest needs nothing',
    images: { a: has },
    registries: { 'gcr.io/foo/a': has, 'gcr.io/bar/a': has, 'gcr.io/cat/a': has },
    actions: ['present bar/a:v1@aa', 'present cat/a:v1@aa'],
  },
  {
    name: 'a tag that resolves to another digest is refused, although the wanted digest is nowhere at the destination',
    images: { a: has },
    registries: { 'gcr.io/foo/a': has, 'gcr.io/bar/a': { bb: ['v1'] }, 'gcr.io/cat/a': has },
    actions: ['refused tag-move bar/a:v1@aa', 'present cat/a:v1@aa'],
  },
  {
    name: 'a tag that resolves to another digest is refused, and the wanted digest at the destination does not help',
    images: { a: has },
    registries: { 'gcr.io/foo/a': has, 'gcr.io/bar/a': { bb: ['v1'], aa: [] }, 'gcr.io/cat/a': has },
    actions: ['refused tag-move bar/a:v1@aa', 'present cat/a:v1@aa'],
  },
  {
    name: 'a tag move is told even where the source lost the digest',
    images: { a: has },
    registries: { 'gcr.io/foo/a': {}, 'gcr.io/bar/a': { bb: ['v1'] } },
    actions: ['refused tag-move bar/a:v1@aa', 'lost cat/a:v1@aa'],
  },
  {
    name: 'only the destination that lacks the image gets it',
    images: { a: has },
    registries: { 'gcr.io/foo/a': has, 'gcr.io/bar/a': has },
    actions: ['present bar/a:v1@aa', 'add cat/a:v1@aa'],
  },
  {
    name: 'a destination that holds another digest of the image gets the wanted one',
    images: { a: has },
    registries: { 'gcr.io/foo/a': has, 'gcr.io/bar/a': { bb: ['v0'] }, 'gcr.io/cat/a': { bb: [] } },
    actions: ['add bar/a:v1@aa', 'add cat/a:v1@aa'],
  },
  {
    name: 'a digest without tags is added only where it is missing',
    images: { a: { aa: [] } },
    registries: { 'gcr.io/foo/a': has, 'gcr.io/bar/a': { aa: [] } },
    actions: ['present bar/a:@aa', 'add cat/a:@aa'],
  },
  {
    name: 'a digest without tags is present under whatever tag it has there',
    images: { a: { aa: [] } },
    registries: { 'gcr.io/bar/a': { aa: ['other'] }, 'gcr.io/cat/a': { aa: [] } },
    actions: ['present bar/a:@aa', 'present cat/a:@aa'],
  },
  {
    name: 'an extra tag at the destination is left alone',
    images: { a: has },
    registries: { 'gcr.io/foo/a': has, 'gcr.io/bar/a': { aa: ['v1', 'v2'], cc: ['v3'] }, 'gcr.io/cat/a': has },
    actions: ['present bar/a:v1@aa', 'present cat/a:v1@aa'],
  },
  {
    name: 'a source that lacks everything leaves every edge lost',
    images: { a: has },
    registries: {},
    actions: ['lost bar/a:v1@aa', 'lost cat/a:v1@aa'],
  },
  {
    name: 'a source repository that does not exist leaves every edge lost',
    images: { a: has },
    registries: { 'gcr.io/foo/a': 'absent', 'gcr.io/bar/a': 'absent' },
    actions: ['lost bar/a:v1@aa', 'lost cat/a:v1@aa'],
  },
  {
    name: 'a destination repository that does not exist gets everything',
    images: { a: has },
    registries: { 'gcr.io/foo/a': has, 'gcr.io/bar/a': 'absent', 'gcr.io/cat/a': 'absent' },
    actions: ['add bar/a:v1@aa', 'add cat/a:v1@aa'],
  },
  {
    name: 'where both destinations have the digest as 0.9, only tag 1.0 is missing: two edges',
    images: { a: { aa: ['0.9', '1.0'] } },
    registries: { 'gcr.io/foo/a': has, 'gcr.io/bar/a': { aa: ['0.9'] }, 'gcr.io/cat/a': { aa: ['0.9'] } },
    actions: ['present bar/a:0.9@aa', 'tag bar/a:1.0@aa', 'present cat/a:0.9@aa', 'tag cat/a:1.0@aa'],
  },
  {
    name: 'a tag is set without the source, which may have lost the digest',
    images: { a: has },
    registries: { 'gcr.io/foo/a': { failure: 'down' }, 'gcr.io/bar/a': { aa: [] }, 'gcr.io/cat/a': has },
    actions: ['tag bar/a:v1@aa', 'present cat/a:v1@aa'],
  },
  {
    name: 'source tags do not matter, only whether the digest is there',
    images: { a: has },
    registries: { 'gcr.io/foo/a': { aa: [], bb: ['v1'] }, 'gcr.io/cat/a': has },
    actions: ['add bar/a:v1@aa', 'present cat/a:v1@aa'],
  },
  {
    name: 'all edges of an overlap are refused, also the one that is present',
    images: { a: { aa: ['v1'], bb: ['v1'] } },
    registries: { 'gcr.io/foo/a': { aa: [], bb: [] }, 'gcr.io/bar/a': { aa: ['v1'] } },
    actions: [
      'refused overlap bar/a:v1@aa',
      'refused overlap cat/a:v1@aa',
      'refused overlap bar/a:v1@bb',
      'refused overlap cat/a:v1@bb',
    ],
  },
  {
    name: 'an unreadable destination makes its own edges unreadable and no others',
    images: { a: has },
    registries: { 'gcr.io/foo/a': has, 'gcr.io/bar/a': { failure: '503' } },
    actions: ['unreadable bar/a:v1@aa', 'add cat/a:v1@aa'],
  },
  {
    name: 'an unreadable source leaves only the edges unreadable that need it',
    images: { a: has },
    registries: { 'gcr.io/foo/a': { failure: '503' }, 'gcr.io/bar/a': has },
    actions: ['present bar/a:v1@aa', 'unreadable cat/a:v1@aa'],
  },
];

describe('planProject', () => {
  it.each(rows)('$name', ({ images, registries, actions: expected }) => {
    expect(actions(projectOf({ images }), world(registries))).toEqual(expected);
  });

  it('treats a repository that was not read as unreadable, never as empty', () => {
    const plan = planProject({
      project: 'p',
      edges: edgesOf([projectOf({ images: { a: has } })]),
      observations: new Map(),
    });

    expect(plan.actions.map(({ action, detail }) => [action, detail])).toEqual([
      ['unreadable', 'gcr.io/bar/a: was not read'],
      ['unreadable', 'gcr.io/cat/a: was not read'],
    ]);
  });

  it('names the registry failure of an unreadable edge', () => {
    const observations = world({ 'gcr.io/foo/a': { failure: '401 from https://gcr.io' }, 'gcr.io/cat/a': has });
    const plan = planProject({ project: 'p', edges: edgesOf([projectOf({ images: { a: has } })]), observations });

    expect(plan.actions[0]?.detail).toBe('gcr.io/foo/a: 401 from https://gcr.io');
  });

  it('keeps the digest that the tag resolves to with a tag move', () => {
    const observations = world({ 'gcr.io/foo/a': has, 'gcr.io/bar/a': { bb: ['v1'] } });
    const plan = planProject({ project: 'p', edges: edgesOf([projectOf({ images: { a: has } })]), observations });

    expect(plan.actions[0]).toMatchObject({ observed: digest('bb'), conflicts: [] });
  });

  it('counts per edge', () => {
    const project = projectOf({ images: { a: { aa: ['v1', 'v2', 'v3'], bb: ['w'], cc: [] } } });
    const observations = world({
      'gcr.io/foo/a': { aa: [], cc: [] },
      'gcr.io/bar/a': { aa: ['v1'], dd: ['v2'] },
      'gcr.io/cat/a': { failure: '503' },
    });

    expect(planProject({ project: 'p', edges: edgesOf([project]), observations }).summary).toEqual({
      edges: 10,
      add: 1,
      tag: 1,
      present: 1,
      lost: 1,
      refused: 1,
      unreadable: 5,
      acceptedLost: 0,
    });
  });

  it.each([
    ['an artifact manifest', 'application/vnd.oci.artifact.manifest.v1+json'],
    ['a Docker schema 1 manifest', MEDIA_TYPES.dockerSchema1],
    ['a signed Docker schema 1 manifest', MEDIA_TYPES.dockerSchema1Signed],
  ])('refuses %s at the source, naming image, digest and type', (_name, mediaType) => {
    const source = { state: 'read' as const, tags: new Map(), digests: new Map([[digest('aa'), mediaType]]) };
    const observations = new Map([...world({}), ['gcr.io/foo/a', source] as const]);
    const plan = planProject({ project: 'p', edges: edgesOf([projectOf({ images: { a: has } })]), observations });

    expect(plan.actions[0]).toMatchObject({ action: 'refused', reason: 'unsupported-media-type' });
    expect(plan.actions[0]?.detail).toBe(
      `gcr.io/foo/a@${digest('aa')} has media type ${mediaType}, which cannot be promoted`,
    );
  });

  it.each([MEDIA_TYPES.ociManifest, MEDIA_TYPES.ociIndex, MEDIA_TYPES.dockerManifest, MEDIA_TYPES.dockerList, ''])(
    'adds a source digest of media type "%s"',
    (mediaType) => {
      const source = { state: 'read' as const, tags: new Map(), digests: new Map([[digest('aa'), mediaType]]) };
      const observations = new Map([...world({}), ['gcr.io/foo/a', source] as const]);

      expect(actions(projectOf({ images: { a: has } }), observations)).toEqual(['add bar/a:v1@aa', 'add cat/a:v1@aa']);
    },
  );
});

describe('overlaps over projects', () => {
  const p = projectOf({ name: 'p', destinations: ['gcr.io/bar'], images: { a: has, b: has } });
  const q = projectOf({ name: 'q', destinations: ['gcr.io/bar'], images: { a: { bb: ['v1'] } } });
  const observations = world({ 'gcr.io/foo/a': { aa: [], bb: [] }, 'gcr.io/foo/b': has }, ['a', 'b']);

  it('refuses the edges of both projects with both digests, and nothing else of them', () => {
    const plans = planEdges({ edges: edgesOf([p, q]), observations });

    expect(
      plans.flatMap((plan) => plan.actions.map(({ action, conflicts }) => [plan.project, action, conflicts])),
    ).toEqual([
      ['p', 'refused', [digest('aa'), digest('bb')]],
      ['p', 'add', []],
      ['q', 'refused', [digest('aa'), digest('bb')]],
    ]);
  });

  it('plans one project alone with the claims of others as it is planned with all', () => {
    const claim = { destination: 'gcr.io/bar/a', tag: 'v1', digest: digest('bb'), project: 'q', at: 'q:1:1' };
    const alone = planProject({ project: 'p', edges: edgesOf([p]), observations, claims: [claim] });

    expect(alone).toEqual(planEdges({ edges: edgesOf([p, q]), observations })[0]);
  });
});

describe('allLost', () => {
  const lost = (images: ImagesShape, accepted: readonly string[] = [], registries: Registries = {}): boolean =>
    planProject({
      project: 'p',
      edges: edgesOf([projectOf({ images })]),
      observations: world(registries),
      acceptedLost: (edge) => accepted.includes(edge.digest.slice(7, 9)),
    }).allLost;

  it.each<[string, boolean, ImagesShape, readonly string[], Registries]>([
    ['two lost images are a wrong registry name', true, { a: { aa: ['v1'], bb: ['v2'] } }, [], {}],
    ['one lost image with many tags is a lost image', false, { a: { aa: ['v1', 'v2'] } }, [], {}],
    ['one found image tells that the name is right', false, { a: { aa: ['v1'], bb: [] } }, [], { 'gcr.io/foo/a': has }],
    [
      'one present image tells that the name is right',
      false,
      { a: { aa: ['v1'], bb: [] } },
      [],
      { 'gcr.io/bar/a': has },
    ],
    ['acknowledged losses are no sign of a wrong name', false, { a: { aa: ['v1'], bb: ['v2'] } }, ['aa', 'bb'], {}],
    ['one new loss beside acknowledged ones is a lost image', false, { a: { aa: ['v1'], bb: ['v2'] } }, ['aa'], {}],
    ['a project without images is not lost', false, {}, [], {}],
  ])('%s', (_name, expected, images, accepted, registries) => {
    expect(lost(images, accepted, registries)).toBe(expected);
  });

  it('marks and counts the acknowledged losses', () => {
    const plan = planProject({
      project: 'p',
      edges: edgesOf([projectOf({ destinations: ['gcr.io/bar'], images: { a: { aa: ['v1'], bb: ['v2'] } } })]),
      observations: world({}),
      acceptedLost: (edge) => edge.tag === 'v1',
    });

    expect(plan.actions.map(({ isAccepted }) => isAccepted)).toEqual([true, false]);
    expect(plan.summary).toMatchObject({ lost: 2, acceptedLost: 1 });
  });
});

describe('planEdges', () => {
  it('gives every named project a plan, also those without edges, by name', () => {
    const edges = edgesOf([projectOf({ name: 'm', images: { a: has } })]);

    expect(planEdges({ edges, observations: world({}), projects: ['z', 'm'] }).map((plan) => plan.project)).toEqual([
      'm',
      'z',
    ]);
  });
});
