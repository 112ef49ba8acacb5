// SPDX-License-Identifier: Apache-2.0
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createMemoryLimiter } from '@promograph/limiter';
import { createServiceClient, loadTrust, type ServiceClient, type Trust } from '@promograph/signing';
import type { TrustArguments } from './read-arguments.ts';

/** Trust, and the client of the services that it names. */
export interface OpenTrust extends AsyncDisposable {
  readonly trust: Trust;
  readonly client: ServiceClient;
}

const STAGING_MIRROR = 'https://tuf-repo-cdn.sigstage.dev';

/**
 * Opens trust from a file, or from TUF. The root that TUF starts from is shipped for the production instance alone;
 * for staging, and for the local mirror of a test, the environment names it.
 */
export function openTrust({ isStaging, trustedRoot }: TrustArguments, signingConfig: string | null = null): OpenTrust {
  const client = createServiceClient({ limiter: createMemoryLimiter({ capFor: () => null }) });
  const mirror = process.env['PROMOGRAPH_TUF_MIRROR'] ?? (isStaging ? STAGING_MIRROR : undefined);
  const rootPath = process.env['PROMOGRAPH_TUF_ROOT'];
  const cacheDir = process.env['PROMOGRAPH_TUF_CACHE'] ?? join(homedir(), '.cache', 'promograph', 'conformance-tuf');
  const trust = loadTrust({
    ...(trustedRoot === null ? {} : { trustedRoots: [trustedRoot] }),
    ...(signingConfig === null ? {} : { signingConfig }),
    tuf: {
      ...{ client, cacheDir },
      ...(mirror === undefined ? {} : { mirror }),
      ...(rootPath === undefined ? {} : { rootPath }),
    },
  });
  return { trust, client, [Symbol.asyncDispose]: () => client.close() };
}
