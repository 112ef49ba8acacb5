// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { SigningError } from '../signing-error.ts';

/** Where sigstore's public good instance publishes its trust. */
export const PUBLIC_GOOD_MIRROR = 'https://tuf-repo-cdn.sigstore.dev';

const seedsSchema = z.record(z.string(), z.object({ 'root.json': z.base64() }));

/** The root metadata that @sigstore/tuf ships for `mirror`. Error `SIGNING_CONFIG` where it ships none. */
export async function shippedRoot(mirror: string): Promise<Buffer> {
  const { default: json }: { default: unknown } = await import('@sigstore/tuf/seeds.json', { with: { type: 'json' } });
  const seed = seedsSchema.parse(json)[mirror.replace(/\/+$/, '')];
  if (seed === undefined) {
    throw new SigningError('SIGNING_CONFIG', `no TUF root is known for ${mirror}`, {
      hint: 'Name the root.json of that mirror, which its operator gives you.',
    });
  }
  return Buffer.from(seed['root.json'], 'base64');
}
