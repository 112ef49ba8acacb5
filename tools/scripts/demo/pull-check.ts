// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { MANIFEST_ACCEPT } from '@promograph/oci';
import { expectThat } from './demo-failure.ts';

interface Descriptor {
  readonly digest: string;
}

interface ManifestDocument {
  readonly manifests?: readonly Descriptor[];
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
}

/** Something to pull: `url` is the registry's, `reference` a tag or the digest itself. */
export interface Pull {
  readonly url: string;
  readonly repository: string;
  readonly reference: string;
  readonly digest: string;
}

/**
 * Pulls an image the way a container runtime does, and hashes every byte: the manifest must have the promised digest, and
 * whatever it names must be there. Returns how many documents and blobs were read. Error: `DemoFailure`.
 */
export async function pullImage({ url, repository, reference, digest }: Pull): Promise<number> {
  const base = `${url}/v2/${repository}`;
  const bytes = await read(`${base}/manifests/${reference}`, digest);
  const { manifests = [], config, layers = [] } = JSON.parse(bytes.toString('utf8')) as ManifestDocument;
  let count = 1;
  for (const child of manifests) {
    count += await pullImage({ url, repository, reference: child.digest, digest: child.digest });
  }
  for (const blob of [...(config === undefined ? [] : [config]), ...layers]) {
    await read(`${base}/blobs/${blob.digest}`, blob.digest);
    count += 1;
  }
  return count;
}

async function read(url: string, digest: string): Promise<Buffer> {
  const response = await fetch(url, { headers: { accept: MANIFEST_ACCEPT } });
  expectThat(response.ok, `${url} answers ${response.status}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  const actual = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  expectThat(actual === digest, `${url} is ${actual}, expected ${digest}`);
  return bytes;
}
