// SPDX-License-Identifier: Apache-2.0
import type { BuiltImage, Content } from './built-image.ts';
import { type Credentials, RegistryClient } from './registry-client.ts';

/** Where an image goes. */
export interface PushOptions {
  /** Of the registry: `http://127.0.0.1:5001`. */
  readonly url: string;
  readonly repository: string;
  readonly image: BuiltImage;
  /** None: the image is there by digest alone. */
  readonly tags?: readonly string[];
  readonly credentials?: Credentials;
}

/** Pushes an image with everything below it, children first, tags last. Error: `DEVSTACK_PUSH_FAILED`. */
export async function pushImage(options: PushOptions): Promise<void> {
  const client = new RegistryClient(options.url, options.credentials);
  try {
    await pushClosure(client, options.repository, options.image);
    for (const tag of options.tags ?? []) {
      await putManifest(client, `/v2/${options.repository}/manifests/${tag}`, options.image.manifest);
    }
  } finally {
    client.close();
  }
}

async function pushClosure(client: RegistryClient, repository: string, image: BuiltImage): Promise<void> {
  for (const child of image.children) await pushClosure(client, repository, child);
  for (const blob of image.blobs) await pushBlob(client, repository, blob);
  await putManifest(client, `/v2/${repository}/manifests/${image.manifest.digest}`, image.manifest);
}

async function pushBlob(client: RegistryClient, repository: string, { digest, bytes }: Content): Promise<void> {
  const path = `/v2/${repository}/blobs`;
  const found = await client.send({ method: 'HEAD', path: `${path}/${digest}`, expect: [200, 404] });
  if (found.status === 200) return;
  const { headers } = await client.send({ method: 'POST', path: `${path}/uploads/`, expect: [202] });
  const location = headers.location ?? '';
  await client.send({
    method: 'PUT',
    path: `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`,
    headers: { 'content-type': 'application/octet-stream' },
    body: bytes,
    expect: [201],
  });
}

async function putManifest(client: RegistryClient, path: string, manifest: Content): Promise<void> {
  const headers = { 'content-type': manifest.mediaType };
  await client.send({ method: 'PUT', path, headers, body: manifest.bytes, expect: [201] });
}
