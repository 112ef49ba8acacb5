// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { API_VERSION } from './api-version.ts';
import { attestSchema, replicateSchema } from './attest-schema.ts';
import { scanSchema, stagingSchema } from './gate-schema.ts';
import { signingSchema } from './signing-schema.ts';

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

const registryBudgetSchema = z.strictObject({
  requests: z.int().min(1).max(1_000_000_000).meta({ description: 'Most requests in any span of so many seconds.' }),
  seconds: z.number().min(1).max(604_800).meta({ description: 'Length of the span.' }),
  actions: z
    .array(z.enum(['read', 'head', 'list', 'token', 'upload', 'manifestWrite']))
    .min(1)
    .exactOptional()
    .meta({ description: 'Kinds of requests that count against it. Default: all.' }),
});

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
  budgets: z
    .array(registryBudgetSchema)
    .max(8)
    .exactOptional()
    .meta({ description: 'Further budgets of this host, each kept beside `requestsPerSecond`.' }),
  countedPer: z
    .enum(['host', 'credential'])
    .exactOptional()
    .meta({ description: 'Whom the budgets belong to: all who use the host (default), or each login by itself.' }),
  concurrency: z
    .int()
    .min(1)
    .max(1024)
    .exactOptional()
    .meta({ description: 'Most requests in flight to this host from one process.' }),
  ownMount: z.boolean().exactOptional().meta({
    description:
      'Ask for a blob by mounting it from the repository itself, which starts its upload where it is missing: one request less for each. Believed once its first answers were found true. Default true, but for the clouds that are known.',
  }),
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

const limiterSchema = z.strictObject({
  store: z
    .string()
    .regex(/^(?:sqlite|memory|rediss?:\/\/.+)$/, 'must be sqlite, memory or redis://host')
    .exactOptional()
    .meta({
      description:
        'Where budgets, leases and tokens are shared: `sqlite` (default, this machine), `memory` (this process), or `redis://host` (every machine that names it; its password from PROMOGRAPH_STORE_PASSWORD).',
    }),
  localShare: z.number().positive().max(1).exactOptional().meta({
    description:
      'Share of each budget that this process may use while the store cannot be reached. Default: one divided by the processes that last used it.',
  }),
});

/** Schema of `promograph.yaml`: the check of the values and the published JSON Schema are made from it. */
export const configSchema = z
  .strictObject({
    apiVersion: z.literal(API_VERSION),
    registries: z
      .record(hostPattern, registrySettingsSchema)
      .exactOptional()
      .meta({ description: 'Settings by registry host: exact, or `*.suffix`.' }),
    limiter: limiterSchema.exactOptional(),
    signing: signingSchema.exactOptional(),
    staging: stagingSchema.exactOptional(),
    attest: attestSchema.exactOptional(),
    scan: scanSchema.exactOptional(),
    replicate: replicateSchema.exactOptional(),
  })
  .meta({ title: 'promograph.yaml' });
