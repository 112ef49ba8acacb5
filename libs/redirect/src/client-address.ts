// SPDX-License-Identifier: Apache-2.0
import ipaddr from 'ipaddr.js';

/** An address as bits. */
export interface Address {
  readonly family: 4 | 6;
  /** Most significant first: 4 or 16. */
  readonly bytes: readonly number[];
}

/** Reads an address without port; an IPv4 address inside an IPv6 one is IPv4. Null for anything else, such as `1.2`. */
export function parseAddress(text: string): Address | null {
  // Longer than any address with a zone.
  if (text.length > 80) return null;
  if (!text.includes(':')) {
    return ipaddr.IPv4.isValidFourPartDecimal(text)
      ? { family: 4, bytes: ipaddr.IPv4.parse(text).toByteArray() }
      : null;
  }
  if (!ipaddr.IPv6.isValid(text)) return null;
  const address = ipaddr.process(text);
  return { family: address.kind() === 'ipv4' ? 4 : 6, bytes: address.toByteArray() };
}

/**
 * The client's address: behind `hops` trusted proxies it is the n-th from the right of X-Forwarded-For, since each appends
 * whom it saw and everything further left is the client's own claim. Fewer entries than hops mean that the request came
 * another way: then, as with 0 hops, it is the peer's.
 */
export function clientAddress(peer: string | undefined, forwardedFor: string | undefined, hops: number): string {
  if (hops === 0 || forwardedFor === undefined) return peer ?? '';
  const entry = forwardedFor.split(',').at(-hops)?.trim();
  return entry === undefined || parseAddress(entry) === null ? (peer ?? '') : entry;
}

/** Bits that one budget covers: a customer's network, not one of the many addresses in it. */
const NETWORK_BYTES = { 4: 3, 6: 6 } as const;

/** The network of a client (/24, /48) as text; '' for what is no address. */
export function clientNetwork(address: string): string {
  const parsed = parseAddress(address);
  return parsed === null ? '' : `${parsed.family} ${parsed.bytes.slice(0, NETWORK_BYTES[parsed.family]).join('.')}`;
}
