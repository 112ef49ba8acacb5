// SPDX-License-Identifier: Apache-2.0
import { ServiceRefusal } from './service-refusal.ts';
import type { ServiceRoute } from './service-route.ts';

/** Where the TUF repository is below the sigstore's URL. */
export const TUF_PATH = '/tuf';

/** The files of a TUF repository, by path below its URL. */
export function tufRoutes(files: ReadonlyMap<string, Buffer>): readonly ServiceRoute[] {
  return [
    {
      service: 'tuf',
      method: 'GET',
      path: /^\/tuf\//,
      answer: ({ path }) => {
        const body = files.get(decodeURIComponent(path.slice(TUF_PATH.length + 1)));
        // Clients ask for the next root until there is none.
        if (body === undefined) throw new ServiceRefusal(404, 'no such file');
        return { status: 200, body, headers: { 'content-type': 'application/octet-stream' } };
      },
    },
  ];
}
