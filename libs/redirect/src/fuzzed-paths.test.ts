// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { knowledgeOf, policyOf, requestOf, type WorldSpec } from './policy.testing.ts';

const BASES = [
  'https://west.example/v2/prod/images/',
  'https://east.example/v2/prod/images/',
  'https://canonical.example/v2/prod/images/',
  'https://spare.example/v2/copy/',
  'https://bucket.example/containers/images/',
];
const DIGEST = `sha256:${'0f'.repeat(32)}`;

const piece = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '',
    '%2e%2e',
    '%2E.',
    '%2f',
    '%5c',
    '%00',
    '%0d%0a',
    '\r\n',
    '\\',
    '//',
    '@',
    '#',
    '?',
    'é',
    '\ud800',
  ),
  fc.constantFrom(
    'v2',
    'p',
    'tags',
    'list',
    'manifests',
    'blobs',
    'referrers',
    'v1.0',
    DIGEST,
    DIGEST.replace(':', '-'),
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const reference = fc.constantFrom('v1.0', 'list', DIGEST, DIGEST.replace(':', '-'), `${DIGEST.replace(':', '-')}.sig`);
/** Nearly right: a whole request with one piece put somewhere into it. */
const nearlyRight = fc
  .tuple(fc.constantFrom('manifests', 'blobs', 'referrers', 'tags'), reference, piece, fc.nat({ max: 120 }))
  .map(([kind, name, inserted, at]) => {
    const whole = `/v2/p/q/${kind}/${name}`;
    return whole.slice(0, at) + (at > whole.length ? '' : inserted) + whole.slice(at);
  });
const path = fc.oneof(
  nearlyRight,
  fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join('/')}`),
  fc
    .tuple(fc.constantFrom('/v2/', '/v2/p/', '/v2/p/q/'), fc.array(piece, { maxLength: 5 }))
    .map(([start, pieces]) => start + pieces.join('/')),
  fc.tuple(piece, fc.constantFrom('manifests', 'blobs', 'referrers'), piece).map((parts) => `/v2/${parts.join('/')}`),
);
const query = fc.oneof(
  fc.constant(''),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('n=5&last=a', '\r\nX: y', 'a#b', '%zz'),
);
const worlds: readonly WorldSpec[] = [
  {},
  { presence: { 'https://bucket': 'absent', 'https://west': 'absent' } },
  { failing: ['west', 'west-blobs'] },
  { failing: ['west', 'west-blobs', 'east', 'canonical'] },
];

describe('whatever the path and the query', () => {
  const policy = policyOf();

  it('a redirect stays inside the configured prefix, after a URL parser has read it too', () => {
    let redirects = 0;
    const check = (target: string, search: string, world: WorldSpec): void => {
      const decision = decide(requestOf('', { path: target, query: search }), policy, knowledgeOf(world));
      if (decision.kind !== 'redirect') return;
      redirects += 1;
      const { location } = decision;
      expect(
        BASES.some((base) => location.startsWith(base)),
        location,
      ).toBe(true);
      const read = new URL(location);
      expect(
        BASES.some((base) => (read.origin + read.pathname).startsWith(base)),
        location,
      ).toBe(true);
      expect(read.hash, location).toBe('');
      expect(location).toMatch(/^[\x21-\x7e]+$/);
    };

    fc.assert(fc.property(path, query, fc.constantFrom(...worlds), check), { numRuns: 5000 });

    // What never redirects would prove nothing.
    expect(redirects).toBeGreaterThan(200);
  });

  it('the decision never throws, whatever the method', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (method, target) => {
        decide(requestOf('', { method, path: target }), policy, knowledgeOf());
      }),
    );
  });
});
