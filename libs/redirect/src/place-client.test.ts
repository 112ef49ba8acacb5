// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { clientAddress, clientNetwork } from './client-address.ts';
import { placeClient } from './place-client.ts';
import { policyOf } from './policy.testing.ts';
import { RangeTable } from './range-table.ts';

describe('the address of a client', () => {
  const peer = '10.0.0.1';
  it.each([
    ['without proxies is the peer, whatever a header says', '203.0.113.9', 0, peer],
    ['behind one proxy is the last entry', '203.0.113.9, 198.51.100.7', 1, '198.51.100.7'],
    ['behind two proxies is the last but one', '1.1.1.1, 203.0.113.9, 198.51.100.7', 2, '203.0.113.9'],
    ['is not what the client claims further left', '1.1.1.1, 2.2.2.2, 203.0.113.9, 198.51.100.7', 2, '203.0.113.9'],
    ['is the peer where the header is too short', '203.0.113.9', 2, peer],
    ['is the peer where the header is missing', undefined, 2, peer],
    ['is the peer where the entry is no address', 'x", "forged": "y, 198.51.100.7', 2, peer],
    ['may be of IPv6', '2001:db8::1, 198.51.100.7', 2, '2001:db8::1'],
  ])('%s', (_name, header, hops, expected) => {
    expect(clientAddress(peer, header, hops)).toBe(expected);
  });

  it.each([
    ['192.0.2.77', '4 192.0.2'],
    ['2001:db8:1:2:3::4', '6 32.1.13.184.0.1'],
    ['::ffff:192.0.2.77', '4 192.0.2'],
    ['', ''],
  ])('%j is of the network %j', (address, expected) => {
    expect(clientNetwork(address)).toBe(expected);
  });
});

describe('the region of a client', () => {
  const client = { header: 'X-Client-Region', trustedHops: 1, headerValues: { GB: 'west' } };
  const regions = {
    west: { endpoint: 'https://west.example', serves: ['aws:eu-west-2', 'aws:eu-*'] },
    east: { endpoint: 'https://east.example', serves: ['aws:*'] },
    north: { endpoint: 'https://north.example' },
  };
  const ranges = new RangeTable([
    { cidr: '192.0.2.0/24', label: 'aws:eu-west-2' },
    { cidr: '198.51.100.0/24', label: 'aws:eu-north-1' },
    { cidr: '203.0.113.0/24', label: 'aws:us-east-1' },
    { cidr: '10.1.0.0/16', label: 'gcp:north' },
    { cidr: '10.2.0.0/16', label: 'gcp:nowhere' },
  ]);
  const none = { address: '', header: undefined };
  it.each([
    ['is that of the header', { ...none, header: 'west' }, 'west'],
    ['is found whatever the letters of the header', { ...none, header: 'WEST' }, 'west'],
    ['is what the value of the header means', { ...none, header: 'gb' }, 'west'],
    ['is of the header before that of the address', { address: '192.0.2.1', header: 'east' }, 'east'],
    ['is of the address where the header says nothing known', { address: '192.0.2.1', header: 'mars' }, 'west'],
    ['is that of a range listed whole', { ...none, address: '192.0.2.1' }, 'west'],
    ['is that of the longest start of a range', { ...none, address: '198.51.100.1' }, 'west'],
    ['is that of a shorter start otherwise', { ...none, address: '203.0.113.1' }, 'east'],
    ['is that of a range of its own name', { ...none, address: '10.1.0.1' }, 'north'],
    ['is the default for an unknown range', { ...none, address: '10.2.0.1' }, 'east'],
    ['is the default for an unknown address', { ...none, address: '10.3.0.1' }, 'east'],
  ])('%s', (_name, hints, expected) => {
    expect(placeClient(hints, policyOf({ regions, client }).placement, ranges).region).toBe(expected);
  });

  it('is that of the instance, before anything else', () => {
    const { placement } = policyOf({ regions, client, region: 'north' });

    expect(placeClient({ address: '192.0.2.1', header: 'west' }, placement, ranges)).toEqual({
      region: 'north',
      label: 'aws:eu-west-2',
    });
  });
});
