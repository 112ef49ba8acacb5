// SPDX-License-Identifier: Apache-2.0
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { digestOf, REGISTRIES } from '../test/tree-fixture.ts';
import { manifestSchemas, type ManifestSchemaName, printBaseline } from './index.ts';

const schemas = manifestSchemas();
const accepts = (name: ManifestSchemaName, text: string): boolean => {
  const validate = new Ajv({ strict: false }).compile(schemas[name]);
  return validate(parse(text));
};

const IMAGES = `- name: team/app
  dmap:
    "${digestOf('1')}": ["1.0", latest]
    ${digestOf('2')}:
    - 1.10
    ${digestOf('3')}: []
    ${digestOf('4')}:
`;
const PROVENANCE = `provenance:
  mode: require
  signers: ["sigstore::https://issuer.example.org::me@example.org"]
  builders:
  - id: b
    level: 3
    caller: { refs: [refs/heads/main], workflows: [.github/workflows/a.yml] }
  sources: [github.com/example/app]
  predicateTypes: [https://cyclonedx.org/bom]
  level: 2
  levels: [{ images: ["team/*"], level: 3 }]
`;
const SETTINGS = 'apiVersion: promograph/v1\n';

describe('the JSON Schemas', () => {
  it('are draft-07 with an id each', () => {
    expect(Object.keys(schemas)).toEqual([
      'promoter-manifest',
      'images',
      'plain-manifest',
      'promograph',
      'promograph-baseline',
    ]);
    for (const schema of Object.values(schemas)) {
      expect(schema).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#' });
      expect(schema).toHaveProperty('$id');
    }
  });

  it.each<[string, ManifestSchemaName, string]>([
    ['a promoter manifest', 'promoter-manifest', REGISTRIES],
    ['one with everything', 'promoter-manifest', `${REGISTRIES}  service-account: a@b\nimagesPath: x\n${PROVENANCE}`],
    ['src: yes', 'promoter-manifest', REGISTRIES.replace('true', 'yes')],
    ['images', 'images', IMAGES],
    ['an empty list of images', 'images', ''],
    ['a plain manifest', 'plain-manifest', `${REGISTRIES}images:\n${IMAGES}`],
    ['minimal settings', 'promograph', SETTINGS],
    [
      'settings',
      'promograph',
      `${SETTINGS}registries: { "localhost:1": { plainHttp: true } }\nlimiter: { store: memory }\n`,
    ],
    ['a printed baseline', 'promograph-baseline', printBaseline([])],
    [
      'a baseline',
      'promograph-baseline',
      `${SETTINGS}accepted: [{ code: lost-image, file: a, value: b, reason: c }]\n`,
    ],
  ])('accept %s', (_name, schema, text) => {
    expect(accepts(schema, text)).toBe(true);
  });

  it.each<[string, ManifestSchemaName, string]>([
    ['an unknown key', 'promoter-manifest', `${REGISTRIES}images: []\n`],
    ['no source', 'promoter-manifest', REGISTRIES.replace('  src: true\n', '')],
    ['no registries', 'promoter-manifest', 'registries: []\n'],
    ['an upper-case registry', 'promoter-manifest', REGISTRIES.replace('/prod', '/Prod')],
    ['an unknown provenance mode', 'promoter-manifest', REGISTRIES + PROVENANCE.replace('require', 'enforce')],
    ['level 1', 'promoter-manifest', REGISTRIES + PROVENANCE.replace('level: 2', 'level: 1')],
    ['a source with a ref', 'promoter-manifest', REGISTRIES + PROVENANCE.replace('/app]', '/app@main]')],
    ['a misspelt digest', 'images', IMAGES.replace('"sha256', '"ha256')],
    ['an invalid tag', 'images', IMAGES.replace('latest', '".hidden"')],
    ['an image without a name', 'images', '- dmap: {}\n'],
    ['an empty dmap', 'images', '- name: a\n  dmap: {}\n'],
    ['imagesPath in a plain manifest', 'plain-manifest', `${REGISTRIES}imagesPath: x\n`],
    ['settings without a version', 'promograph', 'registries: {}\n'],
    ['an unknown setting', 'promograph', `${SETTINGS}registry: {}\n`],
    ['an upper-case host', 'promograph', `${SETTINGS}registries: { "A.example.org": {} }\n`],
    ['an unknown code', 'promograph-baseline', `${SETTINGS}accepted: [{ code: nothing, file: a, value: b }]\n`],
  ])('refuse %s', (_name, schema, text) => {
    expect(accepts(schema, text)).toBe(false);
  });
});
