// SPDX-License-Identifier: Apache-2.0
import { errorMessage } from '@promograph/errors';
import { parseRepository } from '@promograph/oci';
import { type RegistryClient, RegistryError } from '@promograph/registry';
import type { VerifyFinding } from '@promograph/report';
import pLimit from 'p-limit';
import type { PromotedImage } from './verify-image.ts';
import { verifyImages, type VerifyPorts } from './verify-stage.ts';

/** Images whose tags are asked for at once. */
const IMAGES_AT_ONCE = 64;

/** What a front door is looked through with. */
export interface LookThroughPorts {
  readonly client: Pick<RegistryClient, 'headManifest'>;
  readonly verifying: VerifyPorts;
  readonly signal: AbortSignal | undefined;
}

/**
 * The same images as a user of the front door sees them: under their reference, at another host. Each tag must be the promoted
 * digest there, an image without tags must be there, and signature and record must be found. What cannot be read is a
 * finding. Error: `REGISTRY_UNREACHABLE` of the first image, since then nobody is at that host.
 */
export async function lookThrough(
  host: string,
  images: readonly PromotedImage[],
  ports: LookThroughPorts,
): Promise<readonly VerifyFinding[]> {
  const outside = images.map((image) => ({ ...image, repository: `${host}/${parseRepository(image.reference).path}` }));
  const [first, ...others] = outside;
  if (first === undefined) return [];
  const limit = pLimit(IMAGES_AT_ONCE);
  // Before the others: thousands of them would each try long what cannot be reached.
  const moved = [await namesOrUnreadable(first, ports, isHostThere)];
  moved.push(...(await limit.map(others, (image) => namesOrUnreadable(image, ports))));
  return [...moved.flat(), ...(await verifyImages(outside, ports.verifying))];
}

function isHostThere(error: unknown): boolean {
  return !(error instanceof RegistryError && error.code === 'REGISTRY_UNREACHABLE');
}

async function namesOrUnreadable(
  image: PromotedImage,
  ports: LookThroughPorts,
  isFinding: (error: unknown) => boolean = () => true,
): Promise<readonly VerifyFinding[]> {
  try {
    return await namesOf(image, ports);
  } catch (error) {
    ports.signal?.throwIfAborted();
    if (!isFinding(error)) throw error;
    return [findingOn(image, { kind: 'unreadable', tags: image.tags, message: errorMessage(error) })];
  }
}

/** What is wrong with the names of an image: its tags, or its digest where it has none. */
async function namesOf(image: PromotedImage, ports: LookThroughPorts): Promise<readonly VerifyFinding[]> {
  const { client, signal } = ports;
  const repository = parseRepository(image.repository);
  const { host } = repository;
  const findings: VerifyFinding[] = [];
  for (const name of image.tags.length === 0 ? [image.digest] : image.tags) {
    const found = await client.headManifest(repository, name, signal === undefined ? {} : { signal });
    if (found?.digest === image.digest) continue;
    const what = name === image.digest ? 'digest' : 'tag';
    const tags = name === image.digest ? [] : [name];
    findings.push(
      found === null
        ? findingOn(image, { kind: 'missing', tags, message: `the ${what} is not seen through ${host}` })
        : findingOn(image, { kind: 'tampered', tags, message: `the ${what} is ${found.digest} through ${host}` }),
    );
  }
  return findings;
}

function findingOn(
  { repository, digest, reference }: PromotedImage,
  found: Pick<VerifyFinding, 'kind' | 'tags' | 'message'>,
): VerifyFinding {
  return { repository, digest, reference, ...found };
}
