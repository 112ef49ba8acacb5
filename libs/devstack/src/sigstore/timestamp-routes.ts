// SPDX-License-Identifier: Apache-2.0
import { certificatePem } from './certificate.ts';
import type { ServiceRoute } from './service-route.ts';
import type { TimestampAuthority } from './timestamp-authority.ts';
import { readTimestampRequest } from './timestamp-request.ts';

/** The API of sigstore's timestamp server. */
export function timestampRoutes(
  authority: TimestampAuthority,
  use: { readonly now: () => number; readonly counted: () => void },
): readonly ServiceRoute[] {
  return [
    {
      service: 'tsa',
      method: 'POST',
      path: '/api/v1/timestamp',
      answer: ({ body, headers }) => {
        const request = readTimestampRequest(body, headers['content-type'] ?? '');
        const stamp = authority.stamp(request, new Date(use.now()));
        use.counted();
        return { status: 201, body: stamp, headers: { 'content-type': 'application/timestamp-reply' } };
      },
    },
    {
      service: 'tsa',
      method: 'GET',
      path: '/api/v1/timestamp/certchain',
      answer: () => ({
        status: 200,
        body: authority.chain.map(certificatePem).join(''),
        headers: { 'content-type': 'application/pem-certificate-chain' },
      }),
    },
  ];
}
