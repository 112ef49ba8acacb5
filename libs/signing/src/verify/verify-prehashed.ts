// SPDX-License-Identifier: Apache-2.0
import { type KeyObject, createECDH } from 'node:crypto';
import { ASN1Obj } from '@sigstore/core';

const PRIME = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const BYTES = 32;

type Point = readonly [x: bigint, y: bigint];

/**
 * Whether an ECDSA signature (P-256, DER) fits a SHA-256 whose preimage is not at hand. node:crypto always hashes, so
 * the equation of SEC 1, 4.1.4 is solved here: R = u·(v·G + Q) with u = r/s and v = e/r, both products by ECDH.
 * False for any other kind of key.
 */
export function verifyPrehashed(digest: Buffer, key: KeyObject, signature: Buffer): boolean {
  const { crv, x, y } = key.export({ format: 'jwk' });
  const pair = readPair(signature);
  if (crv !== 'P-256' || x === undefined || y === undefined || pair === null || digest.length !== BYTES) return false;
  const [r, s] = pair;
  const v = modulo(toNumber(digest) * invert(r, ORDER), ORDER);
  // An honest digest meets zero, and equal points, with a chance of 2^-256.
  if (v === 0n) return false;
  const point: Point = [toNumber(Buffer.from(x, 'base64url')), toNumber(Buffer.from(y, 'base64url'))];
  const sum = add(multiplyBase(v), point);
  return sum !== null && modulo(multiply(sum, modulo(r * invert(s, ORDER), ORDER)), ORDER) === r;
}

function readPair(signature: Buffer): readonly [r: bigint, s: bigint] | null {
  try {
    const [r, s, ...more] = ASN1Obj.parseBuffer(Buffer.from(signature)).subs.map((one) => one.toInteger());
    const isInRange = (value: bigint | undefined): value is bigint =>
      value !== undefined && value > 0n && value < ORDER;
    return isInRange(r) && isInRange(s) && more.length === 0 ? [r, s] : null;
  } catch {
    return null;
  }
}

function multiplyBase(factor: bigint): Point {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(toBytes(factor));
  const point = ecdh.getPublicKey().subarray(1);
  return [toNumber(point.subarray(0, BYTES)), toNumber(point.subarray(BYTES))];
}

/** First coordinate of the product. */
function multiply([x, y]: Point, factor: bigint): bigint {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(toBytes(factor));
  return toNumber(ecdh.computeSecret(Buffer.concat([Buffer.from([4]), toBytes(x), toBytes(y)])));
}

function add([x1, y1]: Point, [x2, y2]: Point): Point | null {
  if (x1 === x2) return null;
  const slope = modulo((y2 - y1) * invert(modulo(x2 - x1, PRIME), PRIME), PRIME);
  const x = modulo(slope * slope - x1 - x2, PRIME);
  return [x, modulo(slope * (x1 - x) - y1, PRIME)];
}

/** Inverse of a positive number below a prime, by the extended Euclidean algorithm. */
function invert(value: bigint, prime: bigint): bigint {
  let [high, low] = [prime, value];
  let [previous, factor] = [0n, 1n];
  while (low > 1n) {
    const quotient = high / low;
    [high, low] = [low, high % low];
    [previous, factor] = [factor, previous - quotient * factor];
  }
  return modulo(factor, prime);
}

const modulo = (value: bigint, modulus: bigint): bigint => ((value % modulus) + modulus) % modulus;
const toNumber = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex') || '0'}`);
const toBytes = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(BYTES * 2, '0'), 'hex');
