// SPDX-License-Identifier: Apache-2.0
import { MEDIA_TYPES, type ManifestDocument, parseManifestDocument } from '@promograph/oci';
import { describe, expect, it } from 'vitest';
import { ClosureMemo } from './closure-memo.ts';

const source = { host: 'source.example', path: 'app' };

function document(name: string): ManifestDocument {
  const json = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [], annotations: { name } };
  return parseManifestDocument(Buffer.from(JSON.stringify(json)), MEDIA_TYPES.ociIndex);
}

/** A memo that counts what it had to load. */
function counting(capBytes: number): { get: (name: string) => Promise<ManifestDocument>; loaded: string[] } {
  const memo = new ClosureMemo(capBytes);
  const loaded: string[] = [];
  const get = (name: string): Promise<ManifestDocument> =>
    memo.get(source, name, async () => {
      loaded.push(name);
      return document(name);
    });
  return { get, loaded };
}

describe('ClosureMemo', () => {
  it('drops what was used longest ago when its bytes pass the cap', async () => {
    const { get, loaded } = counting(document('a').bytes.length * 2);

    for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await get(name);

    expect(loaded).toEqual(['a', 'b', 'c', 'b']);
  });

  it('loads again what failed', async () => {
    const memo = new ClosureMemo();
    const failing = memo.get(source, 'a', () => Promise.reject(new Error('first')));
    await expect(failing).rejects.toThrow('first');

    await expect(memo.get(source, 'a', async () => document('a'))).resolves.toBeDefined();
  });

  it('keeps sources apart: what one may read another may not', async () => {
    const memo = new ClosureMemo();
    await memo.get(source, 'a', async () => document('a'));
    const other = memo.get({ ...source, path: 'other' }, 'a', () => Promise.reject(new Error('not there')));

    await expect(other).rejects.toThrow('not there');
  });
});
