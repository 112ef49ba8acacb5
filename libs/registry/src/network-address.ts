// SPDX-License-Identifier: Apache-2.0
import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Not for the public: loopback, private, link-local (cloud metadata), shared, unspecified, multicast, reserved. */
const PRIVATE_V4 = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE_V4.addSubnet(network, prefix, 'ipv4');
}
const PRIVATE_V6 = new BlockList();
for (const [network, prefix] of [
  ['::', 127],
  ['100::', 64],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE_V6.addSubnet(network, prefix, 'ipv6');
}

/** Prefixes of IPv6 that carry an IPv4 address, and the byte where it begins: 6to4, NAT64, mapped, compatible. */
const EMBEDDED = [
  { network: '2002::', prefix: 16, at: 2 },
  { network: '64:ff9b::', prefix: 96, at: 12 },
  { network: '64:ff9b:1::', prefix: 48, at: 12 },
  { network: '::ffff:0:0', prefix: 96, at: 12 },
  { network: '::', prefix: 96, at: 12 },
].map(({ network, prefix, at }) => {
  const block = new BlockList();
  block.addSubnet(network, prefix, 'ipv6');
  return { block, at };
});

/** Whether `address` (an IP, no brackets) is not an address of the public Internet, IPv4 within IPv6 included. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return PRIVATE_V4.check(address, 'ipv4');
  if (family !== 6) return false;
  if (PRIVATE_V6.check(address, 'ipv6')) return true;
  const found = EMBEDDED.find(({ block }) => block.check(address, 'ipv6'));
  return found !== undefined && PRIVATE_V4.check(embeddedAddress(address, found.at), 'ipv4');
}

/** Whether a host name or literal of a URL (brackets allowed, no port) means this machine. */
export function isLoopbackName(hostname: string): boolean {
  const name = bare(hostname);
  if (isIP(name) === 0) return name === 'localhost' || name.endsWith('.localhost');
  return LOOPBACK.check(name, isIP(name) === 6 ? 'ipv6' : 'ipv4');
}

/** Whether a URL's host is written as an address, or as a name of this machine, that is not on the public Internet. */
export function isPrivateLiteral(hostname: string): boolean {
  return isLoopbackName(hostname) || isPrivateAddress(bare(hostname));
}

function bare(hostname: string): string {
  return hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

function embeddedAddress(address: string, at: number): string {
  return bytesOf(address)
    .slice(at, at + 4)
    .join('.');
}

/** The 16 bytes of an IPv6 address in any notation. */
function bytesOf(address: string): number[] {
  // The URL parser turns every notation, dotted tails included, into hexadecimal groups.
  const canonical = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}
