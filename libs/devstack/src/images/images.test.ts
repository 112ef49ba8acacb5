// SPDX-License-Identifier: Apache-2.0
import { parseManifestDocument, digestOf } from '@promograph/oci';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startRegistry } from '../registry/start-registry.ts';
import { buildImage, buildIndex } from './build-image.ts';
import { contentOf } from './built-image.ts';
import { pseudoRandomBytes } from './pseudo-random-bytes.ts';
import { pushImage } from './push-image.ts';
import { seedCatalogue } from './seed-catalogue.ts';
import { seedImages } from './seed-images.ts';
import { storedGzip } from './stored-gzip.ts';
import { writeTar } from './tar-writer.ts';

describe('the seed catalogue', () => {
  it('has the same digests on every machine', () => {
    const digests = seedCatalogue().map(({ project, name, tags, image }) => [
      `${project}/${name}`,
      tags,
      image.manifest.digest,
    ]);

    expect(digests).toEqual([
      ['web/frontend', ['v1.0.0'], 'sha256:ba2be7aa86b27f7a3b7b0af7ed3d019f0750b931f251a84c27ce7090e4626e20'],
      ['web/frontend', ['v1.1.0'], 'sha256:ea291b910f08408ef027e4154a46bd21c45898631a0e59e83e34f46f2da3f69e'],
      ['tools/toolbox', ['v2.3.0', 'v2.3'], 'sha256:711575a89c7f6aaaf395feee6be5be42d034495e1d26e06315773c947853d7d8'],
      ['tools/builder', [], 'sha256:7694b26463eb4f3498798229e3cfcd945f558ffa7bf2725f6ab8aee9cb474371'],
      ['charts/web', ['1.1.0'], 'sha256:cbcbb12a48526da5122b59767c762ab0252666f0d4e1c3e7dfdb2478fa9dbbd8'],
    ]);
  });

  it('has an index of two platforms and a Helm chart', () => {
    const documents = seedCatalogue().map(({ image: { manifest } }) =>
      parseManifestDocument(manifest.bytes, manifest.mediaType),
    );

    expect(documents[2]?.children.map(({ platform }) => platform)).toEqual(['linux/amd64', 'linux/arm64']);
    expect(documents[4]?.blobs.map(({ mediaType }) => mediaType)).toEqual([
      'application/vnd.cncf.helm.config.v1+json',
      'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
    ]);
  });
});

describe('seedImages', () => {
  it('puts every image where it says, whole, and can be repeated', async () => {
    const registry = await startRegistry();
    const seeded = await seedImages(registry.url);
    const first = registry.repositories();
    await seedImages(registry.url);

    expect(registry.repositories()).toEqual(first);
    for (const { repository, digest, tags } of seeded) {
      expect(first[repository]?.manifests).toContain(digest);
      for (const tag of tags) expect(first[repository]?.tags[tag]).toBe(digest);
    }
    expect(Object.keys(first)).toEqual([
      'staging/charts/web',
      'staging/tools/builder',
      'staging/tools/toolbox',
      'staging/web/frontend',
    ]);
    await registry.close();
  });

  it('leaves the prefix out when there is none', async () => {
    const registry = await startRegistry();
    await seedImages(registry.url, { prefix: '', images: seedCatalogue().slice(0, 1) });

    expect(Object.keys(registry.repositories())).toEqual(['web/frontend']);
    await registry.close();
  });
});

describe('pushImage', () => {
  it.each(['basic', 'bearer'] as const)('logs in with %s', async (mode) => {
    const credentials = { username: 'u', password: 'p' };
    const registry = await startRegistry({ auth: { mode, users: [credentials] } });
    const image = buildImage({ layers: [{ seed: 'x', sizeBytes: 5 }] });

    await pushImage({ url: registry.url, repository: 'a', image, tags: ['v1'], credentials });

    expect(registry.repositories()['a']?.tags['v1']).toBe(image.manifest.digest);
    await registry.close();
  });

  it('tells what the registry refused', async () => {
    const registry = await startRegistry({
      onRequest: ({ method }) => (method === 'PUT' ? { kind: 'status', status: 507 } : undefined),
    });
    const image = buildImage({ layers: [] });

    const failed = pushImage({ url: registry.url, repository: 'a', image });

    await expect(failed).rejects.toMatchObject({ code: 'DEVSTACK_PUSH_FAILED' });
    await expect(failed).rejects.toThrow('507');
    await registry.close();
  });
});

describe('buildImage', () => {
  it('describes layers of chosen size that depend on their seed alone', () => {
    const build = (seed: string): string =>
      buildImage({ layers: [{ seed, sizeBytes: 70_001 }] }).blobs[1]?.digest ?? '';

    expect(build('a')).toBe(digestOf(pseudoRandomBytes('a', 70_001)));
    expect(build('a')).not.toBe(build('b'));
  });

  it('makes Docker images and lists', () => {
    const image = buildImage({ layers: [], format: 'docker', platform: 'linux/arm/v7' });
    const list = buildIndex({ images: [image], format: 'docker' });

    const document = parseManifestDocument(list.manifest.bytes, list.manifest.mediaType);
    expect([image.manifest.mediaType, document.kind]).toEqual([
      'application/vnd.docker.distribution.manifest.v2+json',
      'index',
    ]);
    expect(document.children[0]?.platform).toBe('linux/arm/v7');
  });

  it('makes artifacts with a subject', () => {
    const subject = contentOf('application/x', Buffer.from('s'));
    const { manifest } = buildImage({ layers: [], artifactType: 'application/y', subject, algorithm: 'sha512' });

    const document = parseManifestDocument(manifest.bytes, manifest.mediaType, 'sha512');
    expect([document.artifactType, document.subject?.digest]).toEqual(['application/y', subject.digest]);
    expect(manifest.digest).toMatch(/^sha512:/);
  });
});

describe('fixed bytes', () => {
  it('gzip without compression unpacks to what went in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(1, 400, 70_000), (unit, times) => {
        const content = Buffer.concat(Array.from({ length: unit.length === 0 ? 0 : times }, () => unit)).subarray(
          0,
          200_000,
        );
        expect(gunzipSync(storedGzip(content)).equals(content)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('an archive has a checked header per file and whole blocks', () => {
    const tar = writeTar([
      { path: 'a/b', content: 'hello', mode: 0o755 },
      { path: 'c', content: Buffer.alloc(512) },
    ]);

    const sum = (block: Buffer): number =>
      block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
    for (const offset of [0, 1024]) {
      const block = tar.subarray(offset, offset + 512);
      expect(parseInt(block.toString('latin1', 148, 154), 8)).toBe(sum(block));
    }
    expect(tar.length).toBe(512 + 512 + 512 + 512 + 1024);
    expect(tar.toString('latin1', 512, 517)).toBe('hello');
  });
});
