// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { knowledgeOf, policyOf, requestOf, type WorldSpec } from './policy.testing.ts';

const HEX = 'ab'.repeat(32);
const DIGEST = `sha256:${HEX}`;
const WEST = 'https://west.example/v2/prod/images';
const EAST = 'https://east.example/v2/prod/images';
const CANON = 'https://canonical.example/v2/prod/images';
const BUCKET = 'https://bucket.example/containers/images';

/** Status, or address of the redirect, or what is asked. */
function outcomeOf(target: string, world: WorldSpec = {}, method = 'GET'): number | string {
  const decision = decide(requestOf(target, { method }), policyOf({ pages: PAGES }), knowledgeOf(world));
  if (decision.kind === 'answer') return decision.status;
  return decision.kind === 'redirect' ? decision.location : `ask ${decision.question.url}`;
}

const PAGES = { information: 'https://info.example/', privacy: 'https://info.example/privacy' };
/** Blobs of `west` are looked for in its store first. */
const NO_STORE = { [BUCKET]: 'absent' } as const;

describe('what the reference does', () => {
  it.each([
    ['a PUT is not allowed', 'PUT', `/v2/p/manifests/v1`, 405],
    ['a POST is not allowed, whatever the path', 'POST', '/nonsense', 405],
    ['/ leads to the page of information', 'GET', '/', PAGES.information],
    ['/privacy leads to the page of privacy', 'GET', '/privacy', PAGES.privacy],
    ['/v2 says that this is a registry', 'GET', '/v2', 200],
    ['/v2/ does too, also to HEAD', 'HEAD', '/v2/', 200],
    ['the catalogue is not served', 'GET', '/v2/_catalog', 404],
    [
      'a signature by tag goes to the canonical registry',
      'GET',
      `/v2/p/manifests/sha256-${HEX}.sig`,
      `${CANON}/p/manifests/sha256-${HEX}.sig`,
    ],
    [
      'an attestation by tag goes to the canonical registry',
      'GET',
      `/v2/p/manifests/sha256-${HEX}.att`,
      `${CANON}/p/manifests/sha256-${HEX}.att`,
    ],
    ['a manifest by tag goes to the region', 'GET', '/v2/p/q/manifests/v1.0', `${WEST}/p/q/manifests/v1.0`],
    ['a manifest by digest goes to the region', 'HEAD', `/v2/p/manifests/${DIGEST}`, `${WEST}/p/manifests/${DIGEST}`],
    ['a list of tags goes to the region', 'GET', '/v2/p/tags/list', `${WEST}/p/tags/list`],
    ['a blob that the object store has goes there', 'GET', `/v2/p/blobs/${DIGEST}`, `${BUCKET}/${DIGEST}`],
    ['anything else is not found', 'GET', '/v1/search', 404],
    ['an upload is not found', 'GET', '/v2/p/blobs/uploads/', 404],
  ])('%s', (_name, method, target, expected) => {
    expect(outcomeOf(target, {}, method)).toBe(expected);
  });

  it('a blob that the object store does not have goes to the region', () => {
    expect(outcomeOf(`/v2/p/blobs/${DIGEST}`, { presence: NO_STORE })).toBe(`${WEST}/p/blobs/${DIGEST}`);
  });

  it('pages that are not configured are not found', () => {
    expect(decide(requestOf('/'), policyOf(), knowledgeOf())).toMatchObject({ kind: 'answer', status: 404 });
  });
});

describe('what the reference gets wrong', () => {
  it.each([
    ['the query of a page of tags is kept', '/v2/p/tags/list?n=5&last=a', `${WEST}/p/tags/list?n=5&last=a`],
    [
      'the query that containerd adds is kept',
      '/v2/p/manifests/v1?ns=k8s.example',
      `${WEST}/p/manifests/v1?ns=k8s.example`,
    ],
    ['a path that climbs is not found', '/v2/../../etc', 404],
    ['a path that climbs to a manifest is not found', '/v2/../../etc/manifests/v1', 404],
    ['a path that climbs in percent code is not found', '/v2/%2e%2e/x', 404],
    ['a path that climbs in percent code to a manifest is not found', '/v2/%2e%2e/x/manifests/v1', 404],
    ['a slash in percent code separates nothing', '/v2/p%2f..%2fq/manifests/v1', 404],
    ['nor between valid components', '/v2/p%2fq/manifests/v1', 404],
    ['nor in front of a kind', '/v2/p%2Fmanifests/v1', 404],
    ['a broken percent code is not found', '/v2/p%/manifests/v1', 404],
    ['a colon in percent code is a colon', `/v2/p/manifests/sha256%3A${HEX}`, `${WEST}/p/manifests/${DIGEST}`],
    ['an upper-case name is not found', '/v2/P/manifests/v1', 404],
    ['an empty component is not found', '/v2/p//q/manifests/v1', 404],
    ['a name of no components is not found', '/v2//manifests/v1', 404],
    ['a tag that is none is not found', '/v2/p/manifests/-v1', 404],
    ['a malformed digest is a bad request', '/v2/p/manifests/sha256:abc', 400],
    ['a malformed digest of a blob is a bad request', '/v2/p/blobs/sha256:abc', 400],
    ['an unknown algorithm is a bad request', `/v2/p/blobs/md5:${'a'.repeat(32)}`, 400],
    ['referrers of a malformed digest are a bad request', '/v2/p/referrers/latest', 400],
    ['a digest in capitals is a bad request', `/v2/p/blobs/sha256:${HEX.toUpperCase()}`, 400],
    ['/v2foo is not found', '/v2foo', 404],
    ['/privacyfoo is not found', '/privacyfoo', 404],
    [
      'the referrers fallback tag goes to the canonical registry',
      `/v2/p/manifests/sha256-${HEX}`,
      `${CANON}/p/manifests/sha256-${HEX}`,
    ],
    [
      'an SBOM by tag goes to the canonical registry',
      `/v2/p/manifests/sha256-${HEX}.sbom`,
      `${CANON}/p/manifests/sha256-${HEX}.sbom`,
    ],
    [
      'a suffix that nobody knows yet goes to the canonical registry',
      `/v2/p/manifests/sha256-${HEX}.x-1.y`,
      `${CANON}/p/manifests/sha256-${HEX}.x-1.y`,
    ],
    [
      'a tag that only looks so stays in the region',
      `/v2/p/manifests/sha256-${HEX}ab`,
      `${WEST}/p/manifests/sha256-${HEX}ab`,
    ],
    [
      'referrers go to the canonical registry, with their query',
      `/v2/p/referrers/${DIGEST}?artifactType=a/b`,
      `${CANON}/p/referrers/${DIGEST}?artifactType=a/b`,
    ],
    ['components may be called as kinds are', '/v2/manifests/tags/tags/list', `${WEST}/manifests/tags/tags/list`],
  ])('%s', (_name, target, expected) => {
    expect(outcomeOf(target)).toBe(expected);
  });

  const manifest = `/v2/p/manifests/${DIGEST}`;
  const blob = `/v2/p/blobs/${DIGEST}`;
  it.each<[string, string, WorldSpec, string]>([
    [
      'a digest that nobody knows is asked for first',
      manifest,
      { presence: { [WEST]: 'unknown' } },
      `ask ${WEST}/p/manifests/${DIGEST}`,
    ],
    [
      'the manifest of a bundle, absent from the region, is had from the canonical registry',
      manifest,
      { presence: { [WEST]: 'absent' } },
      `${CANON}/p/manifests/${DIGEST}`,
    ],
    ['so is its blob', blob, { presence: { ...NO_STORE, [WEST]: 'absent' } }, `${CANON}/p/blobs/${DIGEST}`],
    [
      'so is a tag that a lagging region does not have yet',
      '/v2/p/manifests/v2',
      { presence: { [WEST]: 'absent' } },
      `${CANON}/p/manifests/v2`,
    ],
    [
      'a region that does not answer keeps the client, and its error is the truth',
      manifest,
      { presence: { [WEST]: 'failed' } },
      `${WEST}/p/manifests/${DIGEST}`,
    ],
    [
      'an object store is asked before the region',
      blob,
      { presence: { [BUCKET]: 'unknown' } },
      `ask ${BUCKET}/${DIGEST}`,
    ],
    [
      'an object store that does not answer costs the client nothing more',
      blob,
      { presence: { [BUCKET]: 'failed' } },
      `${WEST}/p/blobs/${DIGEST}`,
    ],
    [
      'an object store that fails is not asked',
      blob,
      { failing: ['west-blobs'], presence: { [BUCKET]: 'unknown' } },
      `${WEST}/p/blobs/${DIGEST}`,
    ],
    ['clients of a failing region go to the next', manifest, { failing: ['west'] }, `${EAST}/p/manifests/${DIGEST}`],
    [
      'and to the canonical registry when that fails too',
      manifest,
      { failing: ['west', 'east'] },
      `${CANON}/p/manifests/${DIGEST}`,
    ],
    [
      'the next canonical registry serves while the first fails',
      `/v2/p/referrers/${DIGEST}`,
      { failing: ['canonical'] },
      `https://spare.example/v2/copy/p/referrers/${DIGEST}`,
    ],
    [
      'when everything fails the client gets its own region',
      manifest,
      { failing: ['west', 'east', 'canonical', 'canonical-2'] },
      `${WEST}/p/manifests/${DIGEST}`,
    ],
    [
      'and signatures their first registry',
      `/v2/p/referrers/${DIGEST}`,
      { failing: ['west', 'east', 'canonical', 'canonical-2'] },
      `${CANON}/p/referrers/${DIGEST}`,
    ],
    [
      'a manifest above the budget goes to the canonical registry',
      manifest,
      { presence: { [WEST]: 'overflow' } },
      `${CANON}/p/manifests/${DIGEST}`,
    ],
    [
      'and above that cap to the region',
      manifest,
      { presence: { [WEST]: 'refused' } },
      `${WEST}/p/manifests/${DIGEST}`,
    ],
  ])('%s', (_name, target, world, expected) => {
    expect(outcomeOf(target, world)).toBe(expected);
  });
});

describe('decide', () => {
  it('asks nothing of a region that is the canonical registry', () => {
    const decision = decide(requestOf(`/v2/p/manifests/${DIGEST}`, { region: 'home' }), policyOf(), {
      isHealthy: () => true,
      presence: () => 'unknown',
    });

    expect(decision).toMatchObject({ kind: 'redirect', location: `${CANON}/p/manifests/${DIGEST}`, reason: 'region' });
  });

  it('places clients of an unknown region in the default', () => {
    const decision = decide(requestOf('/v2/p/manifests/v1', { region: 'mars' }), policyOf(), knowledgeOf());

    expect(decision).toMatchObject({ location: `${EAST}/p/manifests/v1` });
  });

  it('goes by form alone where nothing is to be asked', () => {
    const unknown = { isHealthy: () => true, presence: () => 'unknown' as const };
    const policy = policyOf({ probe: false });

    expect(decide(requestOf(`/v2/p/blobs/${DIGEST}`), policy, unknown)).toMatchObject({
      location: `${WEST}/p/blobs/${DIGEST}`,
    });
  });

  it('keeps the query from object stores, where its keys have other meanings', () => {
    const decision = decide(requestOf(`/v2/p/blobs/${DIGEST}?acl`), policyOf(), knowledgeOf());

    expect(decision).toMatchObject({ location: `${BUCKET}/${DIGEST}` });
  });

  it.each([
    ['clients of its clouds only', 'aws:eu-west-2', `${BUCKET}/${DIGEST}`],
    ['nobody of another cloud', 'gcp:europe-west2', `${WEST}/p/blobs/${DIGEST}`],
    ['nobody of no cloud', null, `${WEST}/p/blobs/${DIGEST}`],
  ])('an object store with a list of clients serves %s', (_name, label, location) => {
    const blobs = { endpoint: 'https://bucket.example', clients: ['aws:*'] };
    const west = { endpoint: 'https://west.example', prefix: 'prod/images', blobs };
    const policy = policyOf({ regions: { west, east: { endpoint: 'https://east.example' } } });

    expect(decide(requestOf(`/v2/p/blobs/${DIGEST}`, { label }), policy, knowledgeOf())).toMatchObject({ location });
  });
});

describe('a takedown', () => {
  const other = `sha256:${'cd'.repeat(32)}`;
  const policy = policyOf({
    takedown: [
      { repository: 'bad' },
      { repository: 'p', digest: DIGEST },
      { repository: 'p', tag: 'v1' },
      { digest: other },
    ],
  });
  it.each([
    ['of a repository covers its tags', '/v2/bad/manifests/v1', 451],
    ['of a repository covers its list of tags', '/v2/bad/tags/list', 451],
    ['of a repository covers its signatures', `/v2/bad/manifests/sha256-${HEX}.sig`, 451],
    ['of a digest covers the manifest', `/v2/p/manifests/${DIGEST}`, 451],
    ['of a digest covers the blob', `/v2/p/blobs/${DIGEST}`, 451],
    ['of a digest in percent code covers it too', `/v2/p/blobs/sha256%3a${HEX}`, 451],
    ['of a digest leaves other repositories alone', `/v2/q/manifests/${DIGEST}`, 307],
    ['of a tag covers it', '/v2/p/manifests/v1', 451],
    ['of a tag leaves other tags alone', '/v2/p/manifests/v2', 307],
    ['of a digest alone covers every repository', `/v2/any/manifests/${other}`, 451],
    ['of a repository leaves those below it alone', '/v2/bad/x/manifests/v1', 307],
  ])('%s', (_name, target, status) => {
    const decision = decide(requestOf(target), policy, knowledgeOf());

    expect(decision.kind === 'answer' ? decision.status : 307).toBe(status);
  });
});
