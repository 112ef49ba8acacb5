// SPDX-License-Identifier: Apache-2.0
import { isDigest, isLoopbackHost, isRepositoryPath, isTag } from '@promograph/oci';
import { z } from 'zod';

/** The name that stands for the canonical registry wherever a region may be named. */
export const CANONICAL = 'canonical';

const text = (description: string, check: (value: string) => boolean, message: string): z.ZodString =>
  z.string().refine(check, message).meta({ description });
const describe = <Schema extends z.ZodType>(schema: Schema, description: string): z.ZodExactOptional<Schema> =>
  schema.meta({ description }).exactOptional();

const DURATION_FORM = /^(?:0|[1-9][0-9]{0,8})(?:ms|s|m|h)$/;
const duration = z.string().regex(DURATION_FORM, 'must be a duration such as 500ms, 30s or 5m');
const region = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be a name of letters, digits, points, hyphens and underscores');
const label = z.string().regex(/^[a-z0-9]+:[A-Za-z0-9._-]*\*?$/, 'must be cloud:region, or cloud:start* for several');
const address = z.string().regex(/^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])?:[0-9]{1,5}$/, 'must be host:port or :port');
const webPage = z.httpUrl('must be an http or https URL').max(2048);

const endpoint = z
  .string()
  .regex(/^https?:\/\/[^/?#@\s]+\/?$/, 'must be https:// and a host, without a path')
  .refine((value) => URL.canParse(value), 'must be a URL')
  .refine(isSafeScheme, 'must be https; plain HTTP is for loopback hosts only')
  .meta({ description: 'Scheme and host of the registry, such as https://europe-docker.example.' });
const prefix = z
  .string()
  .refine((value) => value === '' || isRepositoryPath(value), 'must be a repository path')
  .meta({ description: 'Path between /v2/ and the names that clients use. Default: none.' });
const registry = { endpoint, prefix: prefix.exactOptional() };

const blobs = z.strictObject({
  endpoint,
  layout: describe(
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,254}$/, 'must be a path of letters, digits and ._/-'),
    'Path in front of the digest. Default containers/images.',
  ),
  clients: describe(
    z.array(label).min(1),
    'Ranges whose clients get blobs from here, such as aws:*. Default: all clients of the region.',
  ),
});

const regionSettings = z.strictObject({
  ...registry,
  next: describe(z.array(region), 'Regions that serve its clients while it fails, in order.'),
  blobs: describe(blobs, 'An object store that has blobs of this region.'),
  serves: describe(
    z.array(label),
    'Ranges whose clients belong here. A range of the region’s own name needs no entry.',
  ),
});

const client = z.strictObject({
  trustedHops: describe(
    z.int().min(0).max(10),
    'Proxies in front that append to X-Forwarded-For: the client is the n-th from the right. Default 0: the peer itself.',
  ),
  header: describe(
    z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the name of a header'),
    'Header of the load balancer or edge that names the region; needs trustedHops.',
  ),
  headerValues: describe(z.record(z.string().min(1).max(64), region), 'What other values of that header mean.'),
  ranges: describe(z.string().min(1), 'File of address ranges, relative to this file; see import-ranges.'),
});

const perSecond = z.number().positive().max(100_000);
const probe = z.strictObject({
  timeout: describe(duration, 'How long a client waits for one answer of a registry. Default 500ms.'),
  missFor: describe(duration, 'How long it is remembered that a registry does not have a digest. Default 30s.'),
  tagFor: describe(duration, 'How long it is remembered whether a registry has a tag. Default 10s.'),
  perSecond: describe(perSecond, 'Probes for one client network (/24, /48). Default 200.'),
  canonicalPerSecond: describe(
    perSecond,
    'Manifests by digest a second that are sent to the canonical registry unprobed, for clients above their budget. Default 100.',
  ),
  concurrency: describe(z.int().min(1).max(10_000), 'Most probes under way. Default 256.'),
  remember: describe(z.int().min(1).max(50_000_000), 'Digests to remember as present, 17 bytes each. Default 1000000.'),
});

const health = z.strictObject({
  interval: describe(duration, 'Time between checks of a registry. Default 10s.'),
  timeout: describe(duration, 'How long a check may take. Default 2s.'),
  fall: describe(z.int().min(1).max(100), 'Failed checks in a row that take a registry out. Default 3.'),
  rise: describe(z.int().min(1).max(100), 'Good checks in a row that bring it back. Default 2.'),
});

const takedown = z
  .strictObject({
    repository: text('Repository as clients name it.', isRepositoryPath, 'must be a repository path').exactOptional(),
    digest: text('Digest.', isDigest, 'must be a digest').exactOptional(),
    tag: text('Tag; needs a repository.', isTag, 'must be a tag').exactOptional(),
  })
  .refine(
    ({ repository, digest, tag }) =>
      repository === undefined ? digest !== undefined && tag === undefined : digest === undefined || tag === undefined,
    'must name a repository with a digest, a tag or nothing more, or a digest alone',
  );

const limits = z.strictObject({
  headerBytes: describe(z.int().min(1024).max(65_536), 'Largest head of a request. Default 16384.'),
  requestTimeout: describe(duration, 'For a whole request to arrive. Default 10s.'),
  headersTimeout: describe(duration, 'For the head of a request to arrive. Default 2s.'),
  idleTimeout: describe(duration, 'For an idle connection. Default 75s.'),
  connections: describe(z.int().min(1).max(1_000_000), 'Most connections. Default 10000.'),
  drain: describe(duration, 'For requests under way after SIGTERM. Default 5s.'),
});

/** Schema of the redirector's configuration: values are checked by it, and the published JSON Schema is made from it. */
export const redirectConfigSchema = z
  .strictObject({
    listen: describe(address, 'Where clients come in. Default :8080.'),
    metricsListen: describe(address, 'Where Prometheus and health checks come in. Default: nowhere.'),
    canonical: z
      .array(z.strictObject(registry))
      .min(1)
      .meta({ description: 'Registries that have everything and the signatures; the first that is healthy serves.' }),
    regions: z
      .record(region, regionSettings)
      .exactOptional()
      .meta({ description: 'Registries near clients, by region.' }),
    default: describe(region, 'Region of clients that no rule places. Default canonical.'),
    region: describe(region, 'Region of every client of this instance; no other rule is asked.'),
    client: describe(client, 'How the region of a client is found.'),
    probe: describe(z.union([z.literal(false), probe]), 'Questions to registries whether they have what is asked for.'),
    health: health.exactOptional(),
    takedown: describe(z.array(takedown), 'What is answered with 451.'),
    pages: z
      .strictObject({
        information: describe(webPage, 'Where / redirects to. Default: 404.'),
        privacy: describe(webPage, 'Where /privacy redirects to. Default: 404.'),
      })
      .exactOptional(),
    cacheControl: describe(
      z.string().regex(/^[\x20-\x7e]{1,200}$/, 'must be printable'),
      'Cache-Control of redirects. Default no-store: a cache must not pin the region of one client for all.',
    ),
    log: z
      .strictObject({ sample: describe(z.number().min(0).max(1), 'Share of requests that are logged. Default 1.') })
      .exactOptional(),
    limits: limits.exactOptional(),
  })
  .meta({ title: 'promograph-redirector' });

/** A configuration as it is written: checked, without defaults. */
export type RedirectConfig = z.infer<typeof redirectConfigSchema>;

/** Milliseconds of a checked duration. */
export function durationMs(duration: string): number {
  const unit = duration.endsWith('ms')
    ? 1
    : duration.endsWith('s')
      ? 1000
      : duration.endsWith('m')
        ? 60_000
        : 3_600_000;
  return Number.parseInt(duration, 10) * unit;
}

function isSafeScheme(value: string): boolean {
  if (!value.startsWith('http:')) return true;
  return URL.canParse(value) && isLoopbackHost(new URL(value).host);
}
