// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildImage, buildIndex } from '../images/build-image.ts';
import { pushImage } from '../images/push-image.ts';
import { type RunningRegistry, startRegistry } from './start-registry.ts';

const one = buildImage({ layers: [{ seed: 'one', sizeBytes: 100 }] });
const two = buildIndex({ images: [one] });
const TAGS = ['v1', 'v10', 'v2', 'V3'];

const fill = async (url: string): Promise<void> => {
  await pushImage({ url, repository: 'team/app', image: one, tags: TAGS });
  await pushImage({ url, repository: 'team/app', image: two });
  await pushImage({ url, repository: 'team/app/nested/deep', image: one });
  await pushImage({ url, repository: 'other', image: one, tags: ['v1'] });
};

describe('listings of the OCI specification', () => {
  let registry: RunningRegistry;
  const get = (path: string): Promise<Response> => fetch(registry.url + path);
  beforeAll(async () => {
    registry = await startRegistry();
    await fill(registry.url);
  });
  afterAll(() => registry.close());

  it('list tags in the order of their bytes', async () => {
    expect(await (await get('/v2/team/app/tags/list')).json()).toEqual({
      name: 'team/app',
      tags: ['V3', 'v1', 'v10', 'v2'],
    });
  });

  it('list no tags of a repository without any', async () => {
    expect(await (await get('/v2/team/app/nested/deep/tags/list')).json()).toMatchObject({ tags: [] });
  });

  it('page by following Link until there is none', async () => {
    const pages: string[][] = [];
    let path: string | undefined = '/v2/team/app/tags/list?n=3';
    while (path !== undefined) {
      const response: Response = await get(path);
      pages.push(((await response.json()) as { tags: string[] }).tags);
      path = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
    }

    expect(pages).toEqual([['V3', 'v1', 'v10'], ['v2']]);
  });

  it('start behind last, whether it exists or not', async () => {
    expect(await (await get('/v2/team/app/tags/list?last=v1')).json()).toMatchObject({ tags: ['v10', 'v2'] });
    expect(await (await get('/v2/team/app/tags/list?last=v11')).json()).toMatchObject({ tags: ['v2'] });
  });

  it('answer n=0 with nothing and n=x with 400', async () => {
    const none = await get('/v2/team/app/tags/list?n=0');

    expect([await none.json(), none.headers.get('link')]).toEqual([{ name: 'team/app', tags: [] }, null]);
    expect((await get('/v2/team/app/tags/list?n=x')).status).toBe(400);
  });

  it('know no repository that was never written', async () => {
    expect((await get('/v2/team/tags/list')).status).toBe(404);
  });

  it('list repositories, in pages too', async () => {
    const page = await get('/v2/_catalog?n=2');

    expect(await page.json()).toEqual({ repositories: ['other', 'team/app'] });
    expect(page.headers.get('link')).toBe('</v2/_catalog?n=2&last=team%2Fapp>; rel="next"');
  });

  it('refuse to be written to', async () => {
    const response = await fetch(`${registry.url}/v2/_catalog`, { method: 'POST' });

    expect(response.status).toBe(405);
  });

  it('answer the ping and nothing outside /v2/', async () => {
    expect([(await get('/v2/')).status, (await get('/v1/')).status, (await get('/v2/%')).status]).toEqual([
      200, 404, 404,
    ]);
  });
});

describe('listings in the style of Google', () => {
  let registry: RunningRegistry;
  beforeAll(async () => {
    registry = await startRegistry({ listing: 'google', catalog: false, now: () => 1_700_000_000_000 });
    await fill(registry.url);
  });
  afterAll(() => registry.close());
  const get = (path: string): Promise<Response> => fetch(registry.url + path);

  it('map digests to tags, with numbers as strings', async () => {
    const listing: unknown = await (await get('/v2/team/app/tags/list')).json();

    const contentBytes = one.blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const common = { layerId: '', timeCreatedMs: '1700000000000', timeUploadedMs: '1700000000000' };
    expect(listing).toEqual({
      name: 'team/app',
      tags: ['V3', 'v1', 'v10', 'v2'],
      child: ['nested'],
      manifest: {
        [one.manifest.digest]: {
          ...common,
          imageSizeBytes: String(contentBytes),
          mediaType: one.manifest.mediaType,
          tag: ['V3', 'v1', 'v10', 'v2'],
        },
        [two.manifest.digest]: { ...common, imageSizeBytes: '0', mediaType: two.manifest.mediaType, tag: [] },
      },
    });
  });

  it('list the children of a path that is no repository itself', async () => {
    expect(await (await get('/v2/team/tags/list')).json()).toMatchObject({ child: ['app'], tags: [], manifest: {} });
    expect((await get('/v2/tea/tags/list')).status).toBe(404);
  });

  it('have no catalog where it is off', async () => {
    expect((await get('/v2/_catalog')).status).toBe(404);
  });
});
