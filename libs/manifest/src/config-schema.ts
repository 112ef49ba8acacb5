// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { API_VERSION } from './api-version.ts';

const HOST = '[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?';
const PORT = '(?::[0-9]{1,5})?';
const host = z
  .string()
  .regex(new RegExp(`^(?:${HOST}|\\[[0-9a-f:.]+\\])${PORT}$`), 'must be a host, with a port if needed');
const hostPattern = z
  .string()
  .regex(
    new RegExp(`^(?:(?:\\*\\.)?${HOST}|\\[[0-9a-f:.]+\\])${PORT}$`),
    'must be a lower-case host (with a port if needed) or *.suffix',
  );

const registrySettingsSchema = z.strictObject({
  plainHttp: z
    .boolean()
    .exactOptional()
    .meta({ description: 'Speak HTTP without TLS. Default: only on loopback hosts.' }),
  listing: z
    .enum(['auto', 'google', 'oci'])
    .exactOptional()
    .meta({ description: 'How repositories are listed. Default auto: learnt from the first answer of the host.' }),
  requestsPerSecond: z
    .number()
    .positive()
    .max(100_000)
    .exactOptional()
    .meta({ description: 'Budget of this host over all processes, in requests per second.' }),
  concurrency: z
    .int()
    .min(1)
    .max(1024)
    .exactOptional()
    .meta({ description: 'Most requests in flight to this host from one process.' }),
  caFile: z
    .string()
    .min(1)
    .exactOptional()
    .meta({ description: 'PEM file with the certificate authority of this host, relative to this file.' }),
  authHosts: z
    .array(host)
    .exactOptional()
    .meta({ description: "Hosts that this registry's token realm may be on, beside its own site." }),
});

const store = z
  .string()
  .regex(/^(?:sqlite|memory|rediss?:\/\/.+)$/, 'must be sqlite, memory or redis://host')
  .meta({ description: 'Where budgets and leases are shared: sqlite (default, this machine), memory (this process).' });

/** Schema of `promograph.yaml`: the check of the values and the published JSON Schema are made from it. */
export const configSchema = z
  .strictObject({
    apiVersion: z.literal(API_VERSION),
    registries: z
      .record(hostPattern, registrySettingsSchema)
      .exactOptional()
      .meta({ description: 'Settings by registry host: exact, or `*.suffix`.' }),
    limiter: z.strictObject({ store: store.exactOptional() }).exactOptional(),
  })
  .meta({ title: 'promograph.yaml' });
