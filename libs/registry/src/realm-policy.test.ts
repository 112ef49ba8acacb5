// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { isLoopbackName, isPrivateAddress, isPrivateLiteral } from './network-address.ts';
import { checkRealm, publicLookup, type RealmOwner } from './realm-policy.ts';

function owner(host: string, more: Partial<RealmOwner> = {}): RealmOwner {
  return { host, hostname: new URL(`https://${host}`).hostname, plainHttp: false, authHosts: [], ...more };
}

const PUBLIC = owner('registry.example.com');
const LOCAL = owner('127.0.0.1:5000', { plainHttp: true });

describe('checkRealm', () => {
  it.each([
    ['the registry itself', PUBLIC, 'https://registry.example.com/token', false],
    ['another port of the registry', PUBLIC, 'https://registry.example.com:8443/token', false],
    ['a host beside the registry, to be looked at', PUBLIC, 'https://auth.example.com/token', true],
    ['the site above the registry', PUBLIC, 'https://example.com/jwt/auth', true],
    ['a host below the registry', owner('example.com'), 'https://auth.example.com/token', true],
    ['a pair that is known', owner('registry-1.docker.io'), 'https://auth.docker.io/token', false],
    ['the same pair by its short name', owner('docker.io'), 'https://auth.docker.io/token', false],
    [
      'a host that configuration allows',
      owner('r.test', { authHosts: ['id.other.test'] }),
      'https://id.other.test/t',
      false,
    ],
    ['this machine, for a registry on this machine', LOCAL, 'http://localhost:5001/token', false],
    ['a private registry of its own', owner('10.1.2.3:5000'), 'https://10.1.2.3:5001/token', false],
    [
      'a plain registry that has a plain realm',
      owner('reg.lan:80', { plainHttp: true }),
      'http://reg.lan/token',
      false,
    ],
  ])('takes %s', (_name, registry, ...[realm, isInferred]) => {
    expect(checkRealm(realm, registry)).toMatchObject({ isInferred });
  });

  it.each([
    ['no URL', PUBLIC, 'token'],
    ['an empty realm', PUBLIC, ''],
    ['plain HTTP from a TLS registry', PUBLIC, 'http://registry.example.com/token'],
    ['another scheme', PUBLIC, 'file:///etc/passwd'],
    ['user information', PUBLIC, 'https://a:b@registry.example.com/token'],
    ['another site', PUBLIC, 'https://evil.example.net/token'],
    ['a site that only ends alike', PUBLIC, 'https://evilexample.com/token'],
    ['a host that only begins alike', PUBLIC, 'https://registry.example.com.evil.net/token'],
    ['a suffix that anybody can register below', owner('registry.co.uk'), 'https://evil.co.uk/token'],
    ['a top-level domain in common', owner('example.com'), 'https://evil.com/token'],
    ['a loopback literal', PUBLIC, 'https://127.0.0.1/token'],
    ['a short loopback literal', PUBLIC, 'https://127.1/token'],
    ['a decimal loopback literal', PUBLIC, 'https://2130706433/token'],
    ['a hexadecimal loopback literal', PUBLIC, 'https://0x7f000001/token'],
    ['the unspecified address', PUBLIC, 'https://0.0.0.0/token'],
    ['a name of this machine', PUBLIC, 'https://localhost/token'],
    ['a name below localhost', PUBLIC, 'https://registry.localhost/token'],
    ['a name of this machine with a dot', PUBLIC, 'https://localhost./token'],
    ['a private literal', PUBLIC, 'https://10.0.0.1/token'],
    ['the metadata service', PUBLIC, 'https://169.254.169.254/token'],
    ['IPv6 loopback', PUBLIC, 'https://[::1]/token'],
    ['IPv4 within IPv6', PUBLIC, 'https://[::ffff:127.0.0.1]/token'],
    ['6to4 of a private address', PUBLIC, 'https://[2002:0a00:0001::]/token'],
    ['NAT64 of the metadata service', PUBLIC, 'https://[64:ff9b::a9fe:a9fe]/token'],
    ['a unique local address', PUBLIC, 'https://[fd00::1]/token'],
    ['a link-local address', PUBLIC, 'https://[fe80::1]/token'],
    ['a public literal of another site', PUBLIC, 'https://93.184.216.34/token'],
    ['a private literal, for a registry on this machine', LOCAL, 'http://10.0.0.1/token'],
    ['plain HTTP elsewhere, from a plain registry', owner('reg.lan', { plainHttp: true }), 'http://other.net/token'],
  ])('refuses %s', (_name, registry, realm) => {
    expect(() => checkRealm(realm, registry)).toThrow(expect.objectContaining({ code: 'REGISTRY_UNSAFE_REALM' }));
  });
});

describe('publicLookup', () => {
  const answer = (addresses: string[]): Promise<unknown> =>
    new Promise((resolve) => {
      const resolver = publicLookup((_name, _options, callback) =>
        callback(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        ),
      );
      resolver('auth.example.com', {}, (error, found) => resolve(error ?? found.map(({ address }) => address)));
    });

  it('lets public addresses through', async () => {
    expect(await answer(['93.184.216.34', '2606:2800:220:1::1'])).toEqual(['93.184.216.34', '2606:2800:220:1::1']);
  });

  it.each([
    ['127.0.0.1'],
    ['10.0.0.1'],
    ['169.254.169.254'],
    ['::1'],
    ['fd00::1'],
    ['::ffff:10.0.0.1'],
    ['64:ff9b::7f00:1'],
  ])('refuses a public name whose address is %s', async (address) => {
    expect(await answer(['93.184.216.34', address])).toMatchObject({ code: 'REGISTRY_UNSAFE_REALM' });
  });
});

describe('addresses', () => {
  it.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '192.169.0.1', '100.128.0.1', '2606:4700::1111', '2002:0101:0101::'])(
    '%s is public',
    (address) => {
      expect(isPrivateAddress(address)).toBe(false);
    },
  );

  it.each([
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '0.1.2.3',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    'ff02::1',
  ])('%s is not public', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  it('knows names of this machine', () => {
    expect(['localhost', 'a.localhost', '[::1]', '127.0.0.9'].every(isLoopbackName)).toBe(true);
    expect(['localhost.example.com', 'notlocalhost', '10.0.0.1'].some(isLoopbackName)).toBe(false);
    expect(isPrivateLiteral('registry.example.com')).toBe(false);
  });
});
