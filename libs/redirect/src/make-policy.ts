// SPDX-License-Identifier: Apache-2.0
import { CANONICAL, durationMs, type RedirectConfig } from './config-schema.ts';
import type { Backend, BlobStore, HealthPolicy, PlacementPolicy, Policy, ProbePolicy, RegionPolicy } from './policy.ts';
import { Takedowns } from './takedowns.ts';

type RegionConfig = NonNullable<RedirectConfig['regions']>[string];

const DEFAULT_LAYOUT = 'containers/images';

/** Resolves a checked configuration: see `checkNames` for what must hold beside the schema. */
export function makePolicy(config: RedirectConfig): Policy {
  const table = new BackendTable();
  const canonical = config.canonical.map((registry, index) => {
    return table.add({
      ...registryOf(registry),
      name: index === 0 ? CANONICAL : `${CANONICAL}-${index + 1}`,
      isCanonical: true,
    });
  });
  const entries = Object.entries(config.regions ?? {});
  const own = new Map(
    entries.map(([name, region]) => [name, table.add({ ...registryOf(region), name, isCanonical: false })]),
  );
  const regions = new Map(
    entries.map(([name, region]) => [name, regionPolicy(name, region, { own, canonical, table })]),
  );
  return {
    backends: table.backends,
    canonical,
    regions: regions.set(CANONICAL, { name: CANONICAL, registries: canonical, blobs: null }),
    placement: placementPolicy(config),
    probe: config.probe === false ? null : probePolicy(config.probe ?? {}),
    health: healthPolicy(config.health ?? {}),
    takedowns: new Takedowns(config.takedown ?? []),
    pages: { information: config.pages?.information ?? null, privacy: config.pages?.privacy ?? null },
    cacheControl: config.cacheControl ?? 'no-store',
  };
}

/** A region that is the canonical registry under another name is one backend with it: it is not asked what it has. */
class BackendTable {
  readonly backends: Backend[] = [];

  add(backend: Omit<Backend, 'index'>): Backend {
    const same = this.backends.find(({ base }) => base === backend.base);
    if (same !== undefined) return same;
    const added = { ...backend, index: this.backends.length };
    this.backends.push(added);
    return added;
  }
}

interface Surroundings {
  readonly own: ReadonlyMap<string, Backend>;
  readonly canonical: readonly Backend[];
  readonly table: BackendTable;
}

function registryOf({
  endpoint,
  prefix = '',
}: RedirectConfig['canonical'][number]): Pick<Backend, 'kind' | 'base' | 'checkUrl'> {
  const { origin } = new URL(endpoint);
  return { kind: 'registry', base: `${origin}/v2/${prefix === '' ? '' : `${prefix}/`}`, checkUrl: `${origin}/v2/` };
}

function regionPolicy(name: string, region: RegionConfig, { own, canonical, table }: Surroundings): RegionPolicy {
  const registries = [name, ...(region.next ?? [])].flatMap(
    (each) => own.get(each) ?? (each === CANONICAL ? canonical : []),
  );
  return { name, registries: [...new Set([...registries, ...canonical])], blobs: blobStore(name, region, table) };
}

function blobStore(name: string, { blobs }: RegionConfig, table: BackendTable): BlobStore | null {
  if (blobs === undefined) return null;
  const { origin } = new URL(blobs.endpoint);
  const base = `${origin}/${(blobs.layout ?? DEFAULT_LAYOUT).replace(/\/$/, '')}/`;
  const store = { name: `${name}-blobs`, kind: 'store', isCanonical: false, base, checkUrl: `${origin}/` } as const;
  return { backend: table.add(store), clients: blobs.clients ?? null };
}

function placementPolicy(config: RedirectConfig): PlacementPolicy {
  const { trustedHops = 0, header, headerValues = {} } = config.client ?? {};
  const names = Object.keys(config.regions ?? {});
  const headerRegions = [...names.map((name) => [name, name] as const), ...Object.entries(headerValues)];
  const labels = Object.entries(config.regions ?? {}).flatMap(([name, { serves = [] }]) =>
    serves.map((label) => [label, name] as const),
  );
  const starts = labels
    .filter(([label]) => label.endsWith('*'))
    .map(([label, name]) => [label.slice(0, -1), name] as const);
  return {
    fixed: config.region ?? null,
    trustedHops,
    header: header?.toLowerCase() ?? null,
    headerRegions: new Map(headerRegions.map(([value, name]) => [value.toLowerCase(), name])),
    labels: { exact: new Map(labels), starts: starts.toSorted(([a], [b]) => b.length - a.length) },
    fallback: config.default ?? CANONICAL,
  };
}

function probePolicy(probe: Exclude<RedirectConfig['probe'], false | undefined>): ProbePolicy {
  return {
    timeoutMs: durationMs(probe.timeout ?? '500ms'),
    missForMs: durationMs(probe.missFor ?? '30s'),
    tagForMs: durationMs(probe.tagFor ?? '10s'),
    perSecond: probe.perSecond ?? 200,
    canonicalPerSecond: probe.canonicalPerSecond ?? 100,
    concurrency: probe.concurrency ?? 256,
    remember: probe.remember ?? 1_000_000,
  };
}

function healthPolicy(health: NonNullable<RedirectConfig['health']>): HealthPolicy {
  return {
    intervalMs: durationMs(health.interval ?? '10s'),
    timeoutMs: durationMs(health.timeout ?? '2s'),
    fall: health.fall ?? 3,
    rise: health.rise ?? 2,
  };
}
