// SPDX-License-Identifier: Apache-2.0
import { type KeyObject, createECDH } from 'node:crypto';
import { ASN1Obj } from '@sigstore/core';

interface Curve {
  /** Its name for OpenSSL. */
  readonly name: string;
  readonly bytes: number;
  readonly prime: bigint;
  readonly order: bigint;
}

const CURVES: Readonly<Record<string, Curve>> = {
  'P-256': {
    name: 'prime256v1',
    bytes: 32,
    prime: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  'P-384': {
    name: 'secp384r1',
    bytes: 48,
    prime: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
};

type Point = readonly [x: bigint, y: bigint];

/**
 * Whether a DER ECDSA signature fits a digest. A log sees no artifact, and node:crypto hashes whatever it verifies, so
 * the check is done on the curve: R = s⁻¹(e·G + r·Q) = (r·s⁻¹)·((e·r⁻¹)·G + Q); ECDH does both multiplications. False
 * for keys on other curves.
 */
export function verifyDigest(digest: Buffer, key: KeyObject, signature: Buffer): boolean {
  const { crv = '', x, y } = key.export({ format: 'jwk' });
  const curve = CURVES[crv];
  const rs = readSignature(signature);
  if (curve === undefined || x === undefined || y === undefined || rs === null) return false;
  const [r, s] = rs;
  const { order } = curve;
  if (r <= 0n || r >= order || s <= 0n || s >= order) return false;
  const hashed = toBigInt(digest.subarray(0, curve.bytes)) % order;
  const factor = mod(hashed * invert(r, order), order);
  if (factor === 0n) return false;
  const sum = add(multiplyBase(factor, curve), [fromBase64(x), fromBase64(y)], curve.prime);
  if (sum === null) return false;
  return mod(multiplyX(sum, mod(r * invert(s, order), order), curve), order) === r;
}

function readSignature(signature: Buffer): readonly [bigint, bigint] | null {
  try {
    const { subs } = ASN1Obj.parseBuffer(Buffer.from(signature));
    const [r, s, ...more] = subs;
    return r && s && more.length === 0 ? [r.toInteger(), s.toInteger()] : null;
  } catch {
    return null;
  }
}

function multiplyBase(factor: bigint, curve: Curve): Point {
  const ecdh = createECDH(curve.name);
  ecdh.setPrivateKey(toBytes(factor, curve.bytes));
  const point = ecdh.getPublicKey();
  return [toBigInt(point.subarray(1, 1 + curve.bytes)), toBigInt(point.subarray(1 + curve.bytes))];
}

/** The first coordinate of factor times point. */
function multiplyX([x, y]: Point, factor: bigint, curve: Curve): bigint {
  const ecdh = createECDH(curve.name);
  ecdh.setPrivateKey(toBytes(factor, curve.bytes));
  const point = Buffer.concat([Buffer.from([4]), toBytes(x, curve.bytes), toBytes(y, curve.bytes)]);
  return toBigInt(ecdh.computeSecret(point));
}

/** Sum of two points with different first coordinates; null otherwise, which no honest signature meets. */
function add([x1, y1]: Point, [x2, y2]: Point, prime: bigint): Point | null {
  if (x1 === x2) return null;
  const slope = mod((y2 - y1) * invert(mod(x2 - x1, prime), prime), prime);
  const x = mod(slope * slope - x1 - x2, prime);
  return [x, mod(slope * (x1 - x) - y1, prime)];
}

/** By the extended Euclidean algorithm; the modulus is prime and the value is not a multiple of it. */
function invert(value: bigint, modulus: bigint): bigint {
  let [low, high] = [mod(value, modulus), modulus];
  let [a, b] = [1n, 0n];
  while (low > 1n) {
    const quotient = high / low;
    [low, high] = [high - quotient * low, low];
    [a, b] = [b - quotient * a, a];
  }
  return mod(a, modulus);
}

const mod = (value: bigint, modulus: bigint): bigint => ((value % modulus) + modulus) % modulus;
const toBigInt = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex') || '0'}`);
const toBytes = (value: bigint, bytes: number): Buffer =>
  Buffer.from(value.toString(16).padStart(bytes * 2, '0'), 'hex');
const fromBase64 = (text: string): bigint => toBigInt(Buffer.from(text, 'base64url'));
