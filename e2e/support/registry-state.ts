// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { MANIFEST_ACCEPT } from '@promograph/oci';

interface Document {
  readonly manifests?: readonly { readonly digest: string }[];
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string; readonly urls?: readonly string[] }[];
}

/** Everything that the tags of a repository reach, asked of the registry itself. Throws where something is missing. */
export async function readTags(url: string, repository: string): Promise<Record<string, readonly string[]>> {
  const list = await fetch(`${url}/v2/${repository}/tags/list`);
  if (list.status === 404) return {};
  const { tags } = (await list.json()) as { tags: readonly string[] | null };
  const reached = await Promise.all(
    (tags ?? []).map(async (tag) => [tag, await readClosure(url, repository, tag)] as const),
  );
  return Object.fromEntries(reached.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Digests of a manifest and of all below it, each fetched and hashed; the manifest's own first. */
async function readClosure(url: string, repository: string, reference: string): Promise<readonly string[]> {
  const answer = await fetch(`${url}/v2/${repository}/manifests/${reference}`, {
    headers: { accept: MANIFEST_ACCEPT },
  });
  if (answer.status !== 200) throw new Error(`${repository}:${reference} is incomplete: ${answer.status}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  const document = JSON.parse(bytes.toString()) as Document;
  const below = await Promise.all((document.manifests ?? []).map(({ digest }) => readClosure(url, repository, digest)));
  const blobs = [document.config, ...(document.layers ?? [])].filter((blob) => blob !== undefined);
  for (const { digest } of blobs) await checkBlob(url, repository, digest);
  return [digestOf(bytes), ...below.flat(), ...blobs.map(({ digest }) => digest)];
}

async function checkBlob(url: string, repository: string, digest: string): Promise<void> {
  const answer = await fetch(`${url}/v2/${repository}/blobs/${digest}`);
  if (answer.status !== 200) throw new Error(`${repository}@${digest} is missing: ${answer.status}`);
  const held = digestOf(Buffer.from(await answer.arrayBuffer()));
  if (held !== digest) throw new Error(`${repository}@${digest} holds ${held}`);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
