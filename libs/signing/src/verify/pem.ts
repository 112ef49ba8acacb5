// SPDX-License-Identifier: Apache-2.0
import { readBase64 } from './base64.ts';

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';
/** `RSA PUBLIC KEY` and the like. */
const MAX_LABEL = 64;

/** DER bytes of the only block of a PEM text; null when there is none or more than one. */
export function readPem(text: string): Buffer | null {
  const found = firstBlock(text);
  return found === null || found.rest.trim() !== '' ? null : found.der;
}

/** DER bytes of the first block of a PEM text; null when it starts with none. */
export function readFirstPem(text: string): Buffer | null {
  return firstBlock(text)?.der ?? null;
}

/** By search and not by one regular expression, which an attacker's white space could keep busy. */
function firstBlock(text: string): { readonly der: Buffer; readonly rest: string } | null {
  const start = text.trimStart();
  if (!start.startsWith(BEGIN)) return null;
  const head = start.indexOf(DASHES, BEGIN.length);
  if (head < 0 || head > BEGIN.length + MAX_LABEL) return null;
  const footer = `${END}${start.slice(BEGIN.length, head)}${DASHES}`;
  const end = start.indexOf(footer, head);
  if (end < 0) return null;
  const der = readBase64(start.slice(head + DASHES.length, end).replaceAll(/\s/g, ''));
  return der === null || der.length === 0 ? null : { der, rest: start.slice(end + footer.length) };
}
