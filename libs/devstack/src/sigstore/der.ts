// SPDX-License-Identifier: Apache-2.0

/** Writers of the DER values that certificates and time stamps are made of; each answers tag, length and content. */
export const der = {
  sequence: (...items: readonly Buffer[]): Buffer => tagged(0x30, ...items),
  /** DER wants the members of a set in the order of their encodings. */
  set: (...items: readonly Buffer[]): Buffer => tagged(0x31, ...items.toSorted((a, b) => a.compare(b))),
  /** Context-specific and constructed: explicit tags. */
  explicit: (tag: number, ...items: readonly Buffer[]): Buffer => tagged(0xa0 | tag, ...items),
  /** Context-specific and primitive: implicit tags. */
  implicit: (tag: number, content: Buffer): Buffer => tagged(0x80 | tag, content),
  boolean: (value: boolean): Buffer => tagged(0x01, Buffer.from([value ? 0xff : 0])),
  integer,
  bits: (content: Buffer, unusedBits = 0): Buffer => tagged(0x03, Buffer.from([unusedBits]), content),
  octets: (content: Buffer): Buffer => tagged(0x04, content),
  null: (): Buffer => tagged(0x05),
  oid: (dotted: string): Buffer => tagged(0x06, oidContent(dotted)),
  utf8: (text: string): Buffer => tagged(0x0c, Buffer.from(text)),
  /** Whole seconds: readers of RFC 3161 disagree on fractions, and X.509 forbids them. */
  generalizedTime: (at: Date): Buffer => tagged(0x18, Buffer.from(`${compactTime(at)}Z`)),
  /** UTCTime until 2049 and GeneralizedTime after, as RFC 5280 wants it. */
  time: (at: Date): Buffer =>
    at.getUTCFullYear() < 2050
      ? tagged(0x17, Buffer.from(`${compactTime(at).slice(2)}Z`))
      : tagged(0x18, Buffer.from(`${compactTime(at)}Z`)),
} as const;

function tagged(tag: number, ...items: readonly Buffer[]): Buffer {
  const content = Buffer.concat(items);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

/** A number, or the big-endian bytes of a number that is not negative. */
function integer(value: number | Buffer): Buffer {
  const bytes = typeof value === 'number' ? numberBytes(value) : value;
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const minimal = bytes.subarray(start);
  const isNegative = ((minimal[0] ?? 0) & 0x80) !== 0;
  return tagged(0x02, ...(isNegative ? [Buffer.from([0]), minimal] : [minimal]));
}

function numberBytes(value: number): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

function oidContent(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return Buffer.from([first * 40 + second, ...rest.flatMap(base128)]);
}

function base128(value: number): number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift((rest % 128) | 0x80);
  }
  return digits;
}

/** `20260131120000`. */
function compactTime(at: Date): string {
  return at.toISOString().slice(0, 19).replaceAll(/[-T:]/g, '');
}
