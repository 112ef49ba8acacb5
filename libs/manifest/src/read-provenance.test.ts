// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { appFiles, digestOf, readFiles, REGISTRIES } from '../test/tree-fixture.ts';
import { type Finding, isSamePolicy, type ProvenancePolicy } from './index.ts';

interface Section {
  readonly [key: string]: unknown;
}

/** Code and part of the message. */
type Refusal = readonly [code: string, message: string];

const SIGNER = 'sigstore::https://issuer.example.org::release@example.org';
const OTHER = 'sigstore(identityMatch=regex)::https://issuer.example.org::.*@example[.]org';
const VALID: Section = {
  mode: 'require',
  signers: [SIGNER],
  builders: [{ id: 'https://builder.example.org', level: 3 }],
  sources: ['github.com/example/app'],
};
const IMAGES = `- name: team/app\n  dmap:\n    ${digestOf('1')}: ["1.0"]\n`;

// JSON is YAML; numbers stay plain scalars.
const withPolicy = (section: unknown): string => `${REGISTRIES}provenance: ${JSON.stringify(section)}\n`;
const readPolicy = async (
  section: unknown,
): Promise<{ policy: ProvenancePolicy | null; findings: readonly Finding[] }> => {
  const tree = await readFiles(appFiles(IMAGES, withPolicy(section)));
  return { policy: tree.projects[0]?.provenance ?? null, findings: tree.findings };
};
const builders = (...list: unknown[]): Section => ({ ...VALID, signers: [SIGNER, OTHER], builders: list });
const caller = (value: unknown): Section => builders({ id: 'b', level: 3, caller: value });

describe('accepted policies', () => {
  it.each<[string, unknown]>([
    ['95. none', null],
    ['95. an empty one', {}],
    ['95. mode off', { mode: 'off' }],
    ['an empty mode', { mode: '' }],
    ['require with all three parts', VALID],
    ['warn with a regular expression as identity', { ...VALID, mode: 'warn', signers: [OTHER] }],
    ['level 3, with an unbound builder of level 3', { ...VALID, level: 3 }],
    ['level 0 with a builder of level 1', { ...builders({ id: 'b', level: 1 }), level: 0 }],
    ['103. overlapping builders that name no signers', builders({ id: 'b', level: 3 }, { id: 'b@v1', level: 2 })],
    [
      '103. overlapping builders that both name signers',
      builders({ id: 'b', level: 3, signers: [SIGNER] }, { id: 'b@v1', level: 2, signers: [OTHER] }),
    ],
    [
      '103. ids of which one is a mere prefix',
      builders({ id: 'b', level: 3 }, { id: 'bc', level: 3, signers: [SIGNER] }),
    ],
    ['a caller', caller({ refs: ['refs/heads/*'], workflows: ['.github/workflows/release.yaml'] })],
    ['levels with a pattern that matches', { ...VALID, levels: [{ images: ['team/*'], level: 3 }] }],
    [
      'the best signer reaching the level',
      {
        ...builders({ id: 'a', level: 1, signers: [OTHER] }, { id: 'b', level: 3, signers: [SIGNER] }),
        level: 3,
      },
    ],
  ])('%s', async (_name, section) => {
    expect((await readPolicy(section)).findings).toEqual([]);
  });

  it('are kept verbatim', async () => {
    const section = {
      ...VALID,
      builders: [{ id: 'b', level: 2, signers: [SIGNER], caller: { refs: ['refs/tags/v*'] } }],
      predicateTypes: ['https://cyclonedx.org/bom'],
      level: 2,
      levels: [{ images: ['team/app'], level: 2 }],
    };

    expect((await readPolicy(section)).policy).toEqual({
      ...section,
      builders: [{ id: 'b', level: 2, signers: [SIGNER], caller: { workflows: [], refs: ['refs/tags/v*'] } }],
    });
  });
});

describe('refused policies', () => {
  it.each<[string, unknown, Refusal]>([
    [
      '96. an unknown mode',
      { ...VALID, mode: 'enforce' },
      ['provenance-mode-invalid', 'mode must be "off", "warn" or "require", got "enforce"'],
    ],
    [
      '97. a signer that is no specification',
      { ...VALID, signers: ['me'] },
      ['provenance-signer-invalid', 'invalid signer: me'],
    ],
    [
      '97. a key as signer',
      { ...VALID, signers: ['key::abc'] },
      ['provenance-signer-invalid', 'only sigstore signers are supported: key::abc'],
    ],
    [
      '97. a signer without an identity',
      { ...VALID, signers: ['sigstore::https://i::'] },
      ['provenance-signer-invalid', 'the identity must not be empty: sigstore::https://i::'],
    ],
    [
      'a signer without an issuer',
      { ...VALID, signers: ['sigstore::::me'] },
      ['provenance-signer-invalid', 'the issuer must not be empty: sigstore::::me'],
    ],
    [
      'a broken expression',
      { ...VALID, signers: ['sigstore(identityMatch=regex)::i::('] },
      ['provenance-signer-invalid', 'the identity is no regular expression'],
    ],
    [
      'an expression with look-ahead',
      { ...VALID, signers: ['sigstore(identityMatch=regex)::i::(?=a)'] },
      ['provenance-signer-invalid', 'that RE2 takes (error parsing regexp'],
    ],
    ['98. no signers', { ...VALID, signers: [] }, ['provenance-incomplete', 'at least one signer is required']],
    [
      '98. no builders',
      { ...VALID, builders: undefined },
      ['provenance-incomplete', 'at least one builder is required'],
    ],
    ['98. no sources', { ...VALID, sources: null }, ['provenance-incomplete', 'at least one source is required']],
    [
      '99. a source with a ref',
      { ...VALID, sources: ['github.com/a/b@main'] },
      ['provenance-source-invalid', 'source must not carry a ref'],
    ],
    ['a blank source', { ...VALID, sources: [' '] }, ['provenance-source-invalid', 'source must not be blank']],
    [
      'a blank predicate type',
      { ...VALID, predicateTypes: [''] },
      ['provenance-predicate-invalid', 'predicate type is blank'],
    ],
    ['100. level 1', { ...VALID, level: 1 }, ['provenance-level-invalid', 'level must be between 2 and 3, got 1']],
    ['100. level 4', { ...VALID, level: 4 }, ['provenance-level-invalid', 'level must be between 2 and 3, got 4']],
    ['a quoted level', { ...VALID, level: '2' }, ['provenance-level-invalid', 'level must be between 2 and 3, got 2']],
    [
      '101. a level above the weakest unbound builder',
      { ...builders({ id: 'a', level: 3 }, { id: 'b', level: 1 }), level: 2 },
      ['provenance-level-unreachable', 'level 2 is above 1, the highest level'],
    ],
    [
      'levels above it',
      { ...builders({ id: 'a', level: 2 }), levels: [{ images: ['team/app'], level: 3 }] },
      ['provenance-level-unreachable', 'level 3 is above 2'],
    ],
    [
      '102. a builder of level 0',
      builders({ id: 'b', level: 0 }),
      ['provenance-builder-invalid', 'needs a level between 1 and 3'],
    ],
    [
      '102. a builder of level 4',
      builders({ id: 'b', level: 4 }),
      ['provenance-builder-invalid', 'needs a level between 1 and 3'],
    ],
    [
      'a builder without a level',
      builders({ id: 'b' }),
      ['provenance-builder-invalid', 'needs a level between 1 and 3'],
    ],
    ['107. a builder that is text', builders('b'), ['provenance-builder-invalid', 'needs a level']],
    ['a builder with a blank id', builders({ id: ' ', level: 3 }), ['provenance-builder-invalid', 'needs an id']],
    [
      '103. a builder with a foreign signer',
      builders({ id: 'b', level: 3, signers: ['sigstore::x::y'] }),
      ['provenance-builder-signer-unknown', 'names a signer that the policy does not'],
    ],
    [
      '103. a builder twice',
      builders({ id: 'b', level: 3 }, { id: 'b', level: 2 }),
      ['provenance-builder-repeated', 'builder repeated: b'],
    ],
    [
      '103. an id and id@ref of which one names signers',
      builders({ id: 'b', level: 3 }, { id: 'b@v1', level: 3, signers: [SIGNER] }),
      ['provenance-builder-overlap', 'builder b covers b@v1'],
    ],
    ['a caller without refs', caller({}), ['provenance-caller-invalid', 'caller needs refs']],
    ['a caller with a short ref', caller({ refs: ['main'] }), ['provenance-caller-invalid', 'begins with refs/']],
    [
      'a caller with a malformed ref',
      caller({ refs: ['refs/heads/['] }),
      ['provenance-caller-invalid', 'must be a pattern'],
    ],
    [
      'a caller with a workflow elsewhere',
      caller({ refs: ['refs/x'], workflows: ['ci/a.yml'] }),
      ['provenance-caller-invalid', 'clean path'],
    ],
    [
      'a caller with a climbing workflow',
      caller({ refs: ['refs/x'], workflows: ['.github/workflows/../a.yml'] }),
      ['provenance-caller-invalid', 'clean path'],
    ],
    [
      'a caller with a workflow at a ref',
      caller({ refs: ['refs/x'], workflows: ['.github/workflows/a.yml@v1'] }),
      ['provenance-caller-invalid', 'without @'],
    ],
    ['a caller with events', caller({ refs: ['refs/x'], events: ['push'] }), ['provenance-caller-invalid', 'events']],
    [
      'levels without images',
      { ...VALID, levels: [{ level: 3 }] },
      ['missing-key', 'an entry of levels needs the key images'],
    ],
    [
      'levels without a level',
      { ...VALID, levels: [{ images: ['team/app'] }] },
      ['provenance-level-invalid', 'level must be'],
    ],
    [
      '105. levels of level 0',
      { ...VALID, levels: [{ images: ['team/app'], level: 0 }] },
      ['provenance-level-invalid', 'got 0'],
    ],
    [
      '105. levels of level 4',
      { ...VALID, levels: [{ images: ['team/app'], level: 4 }] },
      ['provenance-level-invalid', 'got 4'],
    ],
    [
      '105. levels of level 1',
      { ...VALID, levels: [{ images: ['team/app'], level: 1 }] },
      ['provenance-level-invalid', 'got 1'],
    ],
    [
      '105. a pattern with a leading slash',
      { ...VALID, levels: [{ images: ['/app'], level: 3 }] },
      ['provenance-pattern-invalid', 'invalid image pattern: /app'],
    ],
    [
      '105. a pattern with a trailing slash',
      { ...VALID, levels: [{ images: ['app/'], level: 3 }] },
      ['provenance-pattern-invalid', 'invalid image pattern: app/'],
    ],
    [
      '105. an empty pattern',
      { ...VALID, levels: [{ images: [''], level: 3 }] },
      ['provenance-pattern-invalid', 'invalid image pattern: '],
    ],
    [
      '105. a malformed pattern',
      { ...VALID, levels: [{ images: ['spoc['], level: 3 }] },
      ['provenance-pattern-invalid', 'invalid image pattern: spoc['],
    ],
    ['107. an unknown key', { ...VALID, identities: [] }, ['unknown-key', 'unknown key in provenance: identities']],
    ['a list', [VALID], ['wrong-type', 'provenance must be a mapping, found a list']],
  ])('%s', async (_name, section, [code, message]) => {
    const { policy, findings } = await readPolicy(section);

    const errors = findings.filter(({ severity }) => severity === 'error');
    expect(errors.map((finding) => finding.code)).toEqual([code]);
    expect(errors[0]?.message).toContain(message);
    expect(policy).toBeNull();
  });

  it('only warns of a policy that is off and of a pattern without an image', async () => {
    const off = await readPolicy({ ...VALID, mode: 'off' });
    const unmatched = await readPolicy({ ...VALID, levels: [{ images: ['*'], level: 3 }] });

    expect(off.findings).toMatchObject([{ code: 'provenance-unused', severity: 'warning' }]);
    expect(unmatched.findings).toMatchObject([
      { code: 'provenance-pattern-unmatched', severity: 'warning', value: '*' },
    ]);
    expect([off.policy?.mode, unmatched.policy?.mode]).toEqual(['off', 'require']);
  });
});

describe('policies of one source registry', () => {
  const two = (first: unknown, second: unknown): Record<string, string> => ({
    'manifests/a/promoter-manifest.yaml': withPolicy(first),
    'images/a/images.yaml': IMAGES,
    'manifests/b/promoter-manifest.yaml': withPolicy(second),
    'images/b/images.yaml': IMAGES,
  });

  it.each<[string, unknown, unknown]>([
    ['equal', VALID, VALID],
    ['106. off and none', { mode: 'off' }, null],
    ['106. lists in another order', { ...VALID, signers: [SIGNER, OTHER] }, { ...VALID, signers: [OTHER, SIGNER] }],
  ])('may be %s', async (_name, first, second) => {
    const tree = await readFiles(two(first, second));

    expect([tree.findings, tree.projects.length]).toEqual([[], 2]);
    expect(isSamePolicy(tree.projects[0]?.provenance ?? null, tree.projects[1]?.provenance ?? null)).toBe(true);
  });

  it.each<[string, unknown, unknown]>([
    ['109. on in one project only', VALID, null],
    ['109. of different modes', VALID, { ...VALID, mode: 'warn' }],
    ['109. of different levels', VALID, { ...VALID, level: 2 }],
  ])('may not be %s', async (_name, first, second) => {
    const tree = await readFiles(two(first, second));

    expect(tree.projects).toEqual([]);
    expect(tree.findings).toMatchObject([
      { code: 'provenance-conflict', project: 'a', value: 'registry.example.org/staging' },
      { code: 'provenance-conflict', project: 'b' },
    ]);
    expect(tree.findings[1]?.message).toContain('manifests/a/promoter-manifest.yaml');
  });
});
