// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { checkConfig } from './check-config.ts';
import { durationMs } from './config-schema.ts';
import { CONFIG, policyOf } from './policy.testing.ts';

describe('a configuration', () => {
  it('of the documentation is taken', () => {
    const value = {
      listen: ':8080',
      metricsListen: ':9090',
      canonical: [{ endpoint: 'https://us-central1-docker.example', prefix: 'prod/images' }],
      regions: {
        'us-central1': { endpoint: 'https://us-central1-docker.example', prefix: 'prod/images' },
        'europe-west2': {
          endpoint: 'https://europe-west2-docker.example',
          prefix: 'prod/images',
          next: ['us-central1'],
          blobs: { endpoint: 'https://bucket.example', layout: 'containers/images' },
        },
      },
      default: 'us-central1',
      client: { header: 'x-client-region', trustedHops: 2, ranges: 'ranges.json' },
      probe: { timeout: '500ms', missFor: '30s', tagFor: '10s', perSecond: 200 },
      health: { interval: '10s', fall: 3, rise: 2 },
      takedown: [{ repository: 'prod/bad', digest: `sha256:${'0'.repeat(64)}` }],
    };

    expect(checkConfig(value)).toMatchObject({ isValid: true });
  });

  const region = { endpoint: 'https://west.example' };
  it.each<[string, object, (string | number)[]]>([
    ['without a canonical registry', { canonical: [] }, ['canonical']],
    ['with an unknown key', { canonicals: [] }, ['canonicals']],
    ['with an unknown key inside', { health: { fail: 3 } }, ['health', 'fail']],
    ['with a path in an endpoint', { canonical: [{ endpoint: 'https://a.example/v2' }] }, ['canonical', 0, 'endpoint']],
    [
      'with a password in an endpoint',
      { canonical: [{ endpoint: 'https://a:b@a.example' }] },
      ['canonical', 0, 'endpoint'],
    ],
    [
      'with plain HTTP to another machine',
      { regions: { west: { endpoint: 'http://west.example' } } },
      ['regions', 'west', 'endpoint'],
    ],
    ['with a prefix that is no path', { canonical: [{ ...region, prefix: '/prod/' }] }, ['canonical', 0, 'prefix']],
    [
      'with a layout that climbs',
      { regions: { west: { ...region, blobs: { ...region, layout: '../x' } } } },
      ['regions', 'west', 'blobs', 'layout'],
    ],
    ['with a default that is no region', { default: 'mars' }, ['default']],
    [
      'with a next region that there is not',
      { regions: { west: { ...region, next: ['mars'] } }, default: 'west' },
      ['regions', 'west', 'next', 0],
    ],
    [
      'with a region that follows itself',
      { regions: { west: { ...region, next: ['west'] } }, default: 'west' },
      ['regions', 'west', 'next', 0],
    ],
    [
      'with a region called canonical',
      { regions: { canonical: region }, default: 'canonical' },
      ['regions', 'canonical'],
    ],
    ['with a header that anybody could set', { client: { header: 'x-region' } }, ['client', 'header']],
    [
      'with a meaning of a header that there is not',
      { client: { header: 'x', trustedHops: 1, headerValues: { DE: 'mars' } } },
      ['client', 'headerValues', 'DE'],
    ],
    ['with a duration without unit', { probe: { timeout: '500' } }, ['probe', 'timeout']],
    ['with a probe that may take no time', { probe: { timeout: '0s' } }, ['probe', 'timeout']],
    ['with probing switched on by true', { probe: true }, ['probe']],
    ['with a takedown of a tag everywhere', { takedown: [{ tag: 'v1' }] }, ['takedown', 0]],
    ['with a line break for caches', { cacheControl: 'no-store\r\nX: y' }, ['cacheControl']],
    ['with a page that is no web page', { pages: { information: 'javascript:alert(1)' } }, ['pages', 'information']],
  ])('%s is refused, with the place', (_name, overrides, path) => {
    const checked = checkConfig({ ...CONFIG, ...overrides });

    expect(checked.isValid ? [] : checked.issues.map((issue) => issue.path)).toContainEqual(path);
  });

  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
  ])('%s is %d milliseconds', (text, expected) => {
    expect(durationMs(text)).toBe(expected);
  });
});

describe('a policy', () => {
  it('has one backend for a region that is the canonical registry', () => {
    const { backends, regions, canonical } = policyOf();

    expect(backends.map(({ name }) => name)).toEqual(['canonical', 'canonical-2', 'west', 'east', 'west-blobs']);
    expect(regions.get('home')?.registries[0]).toBe(canonical[0]);
  });

  it('has the layout in front of blobs whatever its slashes', () => {
    const blobs = { endpoint: 'https://bucket.example/', layout: 'a/b/' };
    const { backends } = policyOf({ regions: { west: { endpoint: 'https://west.example', blobs } }, default: 'west' });

    expect(backends.find(({ kind }) => kind === 'store')?.base).toBe('https://bucket.example/a/b/');
  });

  it('puts nothing between /v2/ and names where there is no prefix', () => {
    expect(policyOf({ canonical: [{ endpoint: 'https://c.example' }] }).canonical[0]?.base).toBe(
      'https://c.example/v2/',
    );
  });
});
