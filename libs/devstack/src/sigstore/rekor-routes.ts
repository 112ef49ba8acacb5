// SPDX-License-Identifier: Apache-2.0
import { parseJson } from './json-fields.ts';
import type { RekorV1 } from './rekor-v1.ts';
import type { RekorV2 } from './rekor-v2.ts';
import { ServiceRefusal } from './service-refusal.ts';
import type { ServiceAnswer, ServiceRoute } from './service-route.ts';

const ENTRIES = '/api/v1/log/entries';

/** The API of Rekor v1 without search. */
export function rekorV1Routes(log: RekorV1): readonly ServiceRoute[] {
  const route = { service: 'rekorV1', method: 'GET' } as const;
  return [
    { ...route, method: 'POST', path: ENTRIES, answer: ({ body }) => created(log, log.propose(parseJson(body))) },
    {
      ...route,
      path: ENTRIES,
      answer: ({ query }) => found(log.byIndex(Number(query.get('logIndex') ?? NaN))),
    },
    {
      ...route,
      path: /^\/api\/v1\/log\/entries\/[0-9a-fA-F]+$/,
      answer: ({ path }) => found(log.byUuid(path.slice(ENTRIES.length + 1))),
    },
    { ...route, path: '/api/v1/log', answer: () => ({ status: 200, body: log.state() }) },
    {
      ...route,
      path: '/api/v1/log/publicKey',
      answer: () => ({
        status: 200,
        body: log.publicKey.export({ type: 'spki', format: 'pem' }),
        headers: { 'content-type': 'application/x-pem-file' },
      }),
    },
  ];
}

/** The one writing route of Rekor v2. */
export function rekorV2Routes(log: RekorV2): readonly ServiceRoute[] {
  const answer: ServiceRoute['answer'] = ({ body }) => ({ status: 201, body: log.propose(parseJson(body)) });
  return [{ service: 'rekorV2', method: 'POST', path: '/api/v2/log/entries', answer }];
}

function created(log: RekorV1, uuid: string): ServiceAnswer {
  const headers = { location: `${ENTRIES}/${uuid}`, etag: uuid };
  return { ...found(log.byUuid(uuid)), status: 201, headers };
}

function found(entry: object | null): ServiceAnswer {
  if (entry === null) throw new ServiceRefusal(404, 'entry not found');
  return { status: 200, body: entry };
}
