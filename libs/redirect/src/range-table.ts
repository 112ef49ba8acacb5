// SPDX-License-Identifier: Apache-2.0
import { type Address, parseAddress } from './client-address.ts';
import { RedirectError } from './redirect-error.ts';

/** A network and the label of what is in it, `cloud:region`. */
export interface AddressRange {
  /** `192.0.2.0/24`, `2001:db8::/32`. */
  readonly cidr: string;
  readonly label: string;
}

/** Networks of one length: the bits of each, as text, and its label. */
interface Level {
  readonly bits: number;
  readonly labels: Map<string, string>;
}

/** Finds the label of an address; of networks inside each other the smallest counts. */
export class RangeTable {
  /** By family, longest networks first. */
  readonly #levels: { readonly 4: readonly Level[]; readonly 6: readonly Level[] };
  readonly size: number;

  /** Error: `REDIRECT_RANGES_INVALID` for what is no network. Of equal networks the first counts. */
  constructor(ranges: readonly AddressRange[]) {
    const levels = { 4: new Map<number, Level>(), 6: new Map<number, Level>() };
    for (const { cidr, label } of ranges) {
      const { address, bits } = parseNetwork(cidr);
      const ofFamily = levels[address.family];
      const level = ofFamily.get(bits) ?? { bits, labels: new Map<string, string>() };
      ofFamily.set(bits, level);
      const key = networkKey(address, bits);
      if (!level.labels.has(key)) level.labels.set(key, label);
    }
    this.#levels = { 4: sortLevels(levels[4]), 6: sortLevels(levels[6]) };
    this.size = ranges.length;
  }

  /** The label of the smallest network that holds the address, or null. */
  find(text: string): string | null {
    const address = parseAddress(text);
    if (address === null) return null;
    for (const { bits, labels } of this.#levels[address.family]) {
      const label = labels.get(networkKey(address, bits));
      if (label !== undefined) return label;
    }
    return null;
  }
}

function sortLevels(levels: ReadonlyMap<number, Level>): readonly Level[] {
  return [...levels.values()].sort((a, b) => b.bits - a.bits);
}

/** Address and length of `address/length`. Error: `REDIRECT_RANGES_INVALID`. */
export function parseNetwork(cidr: string): { readonly address: Address; readonly bits: number } {
  const slash = cidr.indexOf('/');
  const address = parseAddress(slash < 0 ? cidr : cidr.slice(0, slash));
  const length = slash < 0 ? '' : cidr.slice(slash + 1);
  const isMapped = address?.family === 4 && cidr.includes(':');
  // An IPv4 network written as IPv6 has its 96 bits in front.
  const bits = /^[0-9]{1,3}$/.test(length) ? Number(length) - (isMapped ? 96 : 0) : NaN;
  if (address === null || !(bits >= 0 && bits <= address.bytes.length * 8)) {
    throw new RedirectError('REDIRECT_RANGES_INVALID', `not a network: ${JSON.stringify(cidr.slice(0, 100))}`);
  }
  return { address, bits };
}

/** The first bits of an address as text of whole characters; equal texts are equal networks of that length. */
function networkKey({ bytes }: Address, bits: number): string {
  const whole = bits >> 3;
  const rest = bits & 7;
  const key = String.fromCharCode(...bytes.slice(0, whole));
  return rest === 0 ? key : key + String.fromCharCode((bytes[whole] ?? 0) >> (8 - rest));
}
