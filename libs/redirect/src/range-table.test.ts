// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress } from './client-address.ts';
import { printRanges, readCloudRanges } from './cloud-ranges.ts';
import { type AddressRange, parseNetwork, RangeTable } from './range-table.ts';

/** Few distinct bytes, so that networks lie inside each other and addresses in them. */
const octet = fc.constantFrom(0, 1, 10, 127, 128, 255);
const v4 = fc.tuple(octet, octet, octet, octet).map((bytes) => bytes.join('.'));
const group = fc.constantFrom('0', '1', '2001', 'db8', 'ffff', '8000');
const v6 = fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':'));
/** `::ffff:a.b.c.d` in groups is an IPv4 address, whose networks have other lengths. */
const isMapped = (address: string): boolean => parseAddress(address)?.family === 4;
const network = fc.oneof(
  fc.tuple(v4, fc.integer({ min: 0, max: 32 })),
  fc.tuple(
    v6.filter((address) => !isMapped(address)),
    fc.integer({ min: 0, max: 128 }),
  ),
);

/** Looks at every network, bit by bit. */
function findSlowly(ranges: readonly AddressRange[], text: string): string | null {
  const address = parseAddress(text);
  let best: { readonly bits: number; readonly label: string } | null = null;
  for (const { cidr, label } of ranges) {
    const { address: start, bits } = parseNetwork(cidr);
    if (address === null || start.family !== address.family) continue;
    const bitAt = (bytes: readonly number[], at: number): number => ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
    let isInside = true;
    for (let at = 0; at < bits; at += 1) if (bitAt(start.bytes, at) !== bitAt(address.bytes, at)) isInside = false;
    if (isInside && bits > (best?.bits ?? -1)) best = { bits, label };
  }
  return best?.label ?? null;
}

describe('RangeTable', () => {
  it('finds what a look at every network finds', () => {
    const ranges = fc
      .array(network, { maxLength: 30 })
      .map((networks) => networks.map(([start, bits], at) => ({ cidr: `${start}/${bits}`, label: `cloud:r${at}` })));
    let found = 0;

    fc.assert(
      fc.property(ranges, fc.oneof(v4, v6), (some, address) => {
        const expected = findSlowly(some, address);
        if (expected !== null) found += 1;
        expect(new RangeTable(some).find(address)).toBe(expected);
      }),
      { numRuns: 2000 },
    );

    expect(found).toBeGreaterThan(200);
  });

  it.each([
    ['an IPv4 address inside an IPv6 one', '::ffff:192.0.2.9', 'aws:eu-west-2'],
    ['an address beside the network', '192.0.3.1', null],
    ['text that is no address', 'unknown', null],
    ['an address with a port', '192.0.2.9:443', null],
    ['an address in octal', '0300.0.2.9', null],
    ['nothing', '', null],
  ])('knows what to make of %s', (_name, address, expected) => {
    expect(new RangeTable([{ cidr: '192.0.2.0/24', label: 'aws:eu-west-2' }]).find(address)).toBe(expected);
  });

  it('takes an IPv4 network that is written as IPv6', () => {
    const table = new RangeTable([{ cidr: '::ffff:192.0.2.0/120', label: 'aws:x' }]);

    expect([table.find('192.0.2.9'), table.find('192.0.3.9')]).toEqual(['aws:x', null]);
  });

  it.each([
    '192.0.2.0',
    '::ffff:192.0.2.0/95',
    '192.0.2.0/33',
    '192.0.2/24',
    '2001:db8::/129',
    'x/8',
    '192.0.2.0/ 8',
    '192.0.2.0/-1',
  ])('refuses %j', (cidr) => {
    expect(() => new RangeTable([{ cidr, label: 'aws:x' }])).toThrow(
      expect.objectContaining({ code: 'REDIRECT_RANGES_INVALID' }),
    );
  });
});

describe('the published files of the clouds', () => {
  const service = 'S3';
  it.each([
    [
      'Amazon',
      {
        syncToken: '1',
        prefixes: [{ ip_prefix: '192.0.2.0/24', region: 'eu-west-2', service }],
        ipv6_prefixes: [{ ipv6_prefix: '2001:db8::/32', region: 'us-east-1', service }],
      },
      [
        { cidr: '192.0.2.0/24', label: 'aws:eu-west-2' },
        { cidr: '2001:db8::/32', label: 'aws:us-east-1' },
      ],
    ],
    [
      'Google',
      {
        creationTime: 'x',
        prefixes: [
          { ipv4Prefix: '192.0.2.0/24', service: 'Google Cloud', scope: 'europe-west2' },
          { ipv6Prefix: '2001:db8::/32', scope: 'us-east1' },
        ],
      },
      [
        { cidr: '192.0.2.0/24', label: 'gcp:europe-west2' },
        { cidr: '2001:db8::/32', label: 'gcp:us-east1' },
      ],
    ],
    [
      'Azure',
      {
        cloud: 'Public',
        values: [
          { name: 'AzureCloud.uksouth', properties: { region: 'uksouth', addressPrefixes: ['192.0.2.0/24'] } },
          { name: 'AzureCloud', properties: { region: '', addressPrefixes: ['10.0.0.0/8'] } },
        ],
      },
      [{ cidr: '192.0.2.0/24', label: 'azure:uksouth' }],
    ],
    [
      'Oracle',
      { regions: [{ region: 'uk-london-1', cidrs: [{ cidr: '192.0.2.0/24', tags: ['OCI'] }] }] },
      [{ cidr: '192.0.2.0/24', label: 'oci:uk-london-1' }],
    ],
  ])('are read: %s', (_cloud, file, expected) => {
    expect(readCloudRanges(JSON.stringify(file), 'ranges.json')).toEqual(expected);
  });

  it('are printed sorted, each network once, and read again', () => {
    const printed = printRanges([
      { cidr: '198.51.100.0/24', label: 'aws:b' },
      { cidr: '192.0.2.0/24', label: 'aws:a' },
      { cidr: '192.0.2.0/24', label: 'gcp:late' },
    ]);

    expect(readCloudRanges(printed, 'own')).toEqual([
      { cidr: '192.0.2.0/24', label: 'aws:a' },
      { cidr: '198.51.100.0/24', label: 'aws:b' },
    ]);
  });

  it.each([
    ['what is not JSON', '<html>'],
    ['an unknown shape', '{"a":1}'],
    ['a network that is none', '{"version":1,"ranges":[{"cidr":"1.2.3.4/99","label":"a:b"}]}'],
  ])('refuses %s', (_name, text) => {
    expect(() => readCloudRanges(text, 'f.json')).toThrow(expect.objectContaining({ code: 'REDIRECT_RANGES_INVALID' }));
  });
});
