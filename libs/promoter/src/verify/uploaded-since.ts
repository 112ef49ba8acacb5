// SPDX-License-Identifier: Apache-2.0
import { type Digest, parseRepository } from '@promograph/oci';
import pLimit from 'p-limit';
import type { ObservePorts } from '../observe-edges.ts';
import { PromoterError } from '../promoter-error.ts';
import type { PromotedImage } from './verify-image.ts';

const DAY_MS = 86_400_000;
/** Repositories listed at once. */
const REPOSITORIES_AT_ONCE = 64;

/** The images that were uploaded in the last `days`. Error: `PROMOTER_INVALID_INPUT` where a registry tells no times. */
export async function uploadedSince(
  images: readonly PromotedImage[],
  days: number,
  { client, signal }: Pick<ObservePorts, 'client' | 'signal'>,
): Promise<readonly PromotedImage[]> {
  const limit = pLimit(REPOSITORIES_AT_ONCE);
  const options = signal === undefined ? {} : { signal };
  const since = Date.now() - days * DAY_MS;
  const byRepository = Map.groupBy(images, ({ repository }) => repository);
  const recent = await Promise.all(
    [...byRepository].map(([repository, members]) =>
      limit(async () => {
        const inventory = await client.listTagDigests(parseRepository(repository), options);
        const times = inventory?.uploadedMs ?? noTimes(repository);
        return members.filter(({ digest }) => isRecent(times, digest, since));
      }),
    ),
  );
  return recent.flat();
}

/** What the registry has no time of is looked at rather than left out. */
function isRecent(times: ReadonlyMap<Digest, number>, digest: Digest, since: number): boolean {
  return (times.get(digest) ?? Infinity) >= since;
}

function noTimes(repository: string): never {
  throw new PromoterError('PROMOTER_INVALID_INPUT', `${repository} does not tell when images were uploaded`, {
    hint: 'Leave --since-days out, or narrow with --project or --since.',
  });
}
