// SPDX-License-Identifier: Apache-2.0
import type { Project, ProvenancePolicy } from '@promograph/manifest';
import { parseRepository } from '@promograph/oci';
import { describe, expect, it } from 'vitest';
import { policyWith } from '../evidence.testing.ts';
import { policiesFor } from '../index.ts';

const at = { file: 'manifests/p/promoter-manifest.yaml', line: 1, column: 1 };
const project = (name: string, source: string, provenance: ProvenancePolicy | null): Project => ({
  name,
  manifestFile: `manifests/${name}/promoter-manifest.yaml`,
  imagesFile: `images/${name}/images.yaml`,
  manifestSha256: '',
  imagesSha256: '',
  source: { name: source, isSource: true, serviceAccount: null, at },
  destinations: [],
  images: [],
  provenance,
});
const REPOSITORY = parseRepository('staging.example.org/team/app/web');
const applied = (...projects: Project[]): readonly (readonly [string, string, readonly string[]])[] =>
  policiesFor(REPOSITORY, projects).map(({ registry, image, projects: names }) => [registry, image, names]);

describe('policies that apply to a repository', () => {
  it('are those of its own registry and of every registry above it', () => {
    expect(
      applied(
        project('own', 'staging.example.org/team/app', policyWith()),
        project('team', 'staging.example.org/team', policyWith({ mode: 'warn' })),
        project('host', 'staging.example.org', policyWith()),
        project('exact', 'staging.example.org/team/app/web', policyWith()),
      ),
    ).toEqual([
      ['staging.example.org', 'team/app/web', ['host']],
      ['staging.example.org/team', 'app/web', ['team']],
      ['staging.example.org/team/app', 'web', ['own']],
      ['staging.example.org/team/app/web', '', ['exact']],
    ]);
  });

  it('are not those of registries beside it, below it or elsewhere', () => {
    expect(
      applied(
        project('beside', 'staging.example.org/team/ap', policyWith()),
        project('below', 'staging.example.org/team/app/web/x', policyWith()),
        project('elsewhere', 'other.example.org/team/app', policyWith()),
      ),
    ).toEqual([]);
  });

  it('do not depend on the case of the host or a slash at the end, but on the case of the path', () => {
    expect(applied(project('p', 'Staging.Example.org/team/', policyWith()))).toEqual([
      ['staging.example.org/team', 'app/web', ['p']],
    ]);
    expect(applied(project('p', 'staging.example.org/Team', policyWith()))).toEqual([]);
  });

  it('95. are none where they are missing or off, and no project opts out of one above it', () => {
    expect(applied(project('p', 'staging.example.org', null))).toEqual([]);
    expect(applied(project('p', 'staging.example.org', policyWith({ mode: 'off' })))).toEqual([]);
    expect(
      applied(
        project('child', 'staging.example.org/team/app', policyWith({ mode: 'off' })),
        project('parent', 'staging.example.org/team', policyWith()),
      ),
    ).toEqual([['staging.example.org/team', 'app/web', ['parent']]]);
  });

  it('106. are counted once where projects declare the same, in whatever order, and both where they do not', () => {
    const a = project('a', 'staging.example.org/team', policyWith({ sources: ['x.org/a', 'x.org/b'] }));
    const b = project('b', 'staging.example.org/team', policyWith({ sources: ['x.org/b', 'x.org/a'] }));
    const c = project('c', 'staging.example.org/team', policyWith({ sources: ['x.org/c'] }));

    expect(applied(b, a)).toEqual([['staging.example.org/team', 'app/web', ['a', 'b']]]);
    expect(applied(a, c)).toHaveLength(2);
  });
});
