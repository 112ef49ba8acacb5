// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { type AddressRange, parseNetwork } from './range-table.ts';
import { RedirectError } from './redirect-error.ts';

/** Amazon: https://ip-ranges.amazonaws.com/ip-ranges.json */
const amazon = z.object({
  prefixes: z.array(z.object({ ip_prefix: z.string(), region: z.string() })),
  ipv6_prefixes: z.array(z.object({ ipv6_prefix: z.string(), region: z.string() })),
});

/** Google: https://www.gstatic.com/ipranges/cloud.json */
const google = z.object({
  prefixes: z.array(
    z.object({ ipv4Prefix: z.string().optional(), ipv6Prefix: z.string().optional(), scope: z.string() }),
  ),
});

/** Azure: "Azure IP Ranges and Service Tags"; services without a region are left out. */
const azure = z.object({
  values: z.array(z.object({ properties: z.object({ region: z.string(), addressPrefixes: z.array(z.string()) }) })),
});

/** Oracle: https://docs.oracle.com/iaas/tools/public_ip_ranges.json */
const oracle = z.object({
  regions: z.array(z.object({ region: z.string(), cidrs: z.array(z.object({ cidr: z.string() })) })),
});

/** What `printRanges` writes. */
const own = z.object({
  version: z.literal(1),
  ranges: z.array(z.object({ cidr: z.string(), label: z.string().regex(/^[a-z0-9]+:[A-Za-z0-9._-]+$/) })),
});

type Reader = (value: unknown) => readonly AddressRange[] | null;

const READERS: readonly Reader[] = [
  (value) => own.safeParse(value).data?.ranges ?? null,
  (value) => {
    const { data } = amazon.safeParse(value);
    if (data === undefined) return null;
    const v4 = data.prefixes.map(({ ip_prefix: cidr, region }) => ({ cidr, label: `aws:${region}` }));
    return [...v4, ...data.ipv6_prefixes.map(({ ipv6_prefix: cidr, region }) => ({ cidr, label: `aws:${region}` }))];
  },
  (value) => {
    const prefixes = google.safeParse(value).data?.prefixes ?? null;
    return (
      prefixes?.flatMap(({ ipv4Prefix, ipv6Prefix, scope }) =>
        [ipv4Prefix, ipv6Prefix].flatMap((cidr) => (cidr === undefined ? [] : { cidr, label: `gcp:${scope}` })),
      ) ?? null
    );
  },
  (value) => {
    const regional = azure.safeParse(value).data?.values.filter(({ properties }) => properties.region !== '') ?? null;
    return (
      regional?.flatMap(({ properties: { region, addressPrefixes } }) =>
        addressPrefixes.map((cidr) => ({ cidr, label: `azure:${region}` })),
      ) ?? null
    );
  },
  (value) => {
    const regions = oracle.safeParse(value).data?.regions ?? null;
    return regions?.flatMap(({ region, cidrs }) => cidrs.map(({ cidr }) => ({ cidr, label: `oci:${region}` }))) ?? null;
  },
];

/**
 * Reads address ranges from the JSON text of a cloud's published file, known by its shape, or of our own.
 * Error: `REDIRECT_RANGES_INVALID`; `file` names the text in it.
 */
export function readCloudRanges(text: string, file: string): readonly AddressRange[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new RedirectError('REDIRECT_RANGES_INVALID', `${file} is not JSON`, { cause });
  }
  for (const read of READERS) {
    const ranges = read(value);
    if (ranges === null) continue;
    for (const { cidr } of ranges) parseNetwork(cidr);
    return ranges;
  }
  throw new RedirectError('REDIRECT_RANGES_INVALID', `${file} has none of the known shapes`, {
    hint: 'Known are the published files of AWS, Google Cloud, Azure and Oracle Cloud, and what import-ranges writes.',
  });
}

/** Our own file of ranges: sorted, each network once (the first counts), one a line, so that changes can be reviewed. */
export function printRanges(ranges: readonly AddressRange[]): string {
  const byCidr = new Map<string, string>();
  for (const { cidr, label } of ranges) if (!byCidr.has(cidr)) byCidr.set(cidr, label);
  const lines = [...byCidr]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([cidr, label]) => `    ${JSON.stringify({ cidr, label })}`);
  return `{\n  "version": 1,\n  "ranges": [\n${lines.join(',\n')}\n  ]\n}\n`;
}
