// SPDX-License-Identifier: Apache-2.0
import { isUtf8 } from 'node:buffer';
import type { FindingText } from './finding.ts';
import type { FindingCode } from './finding-codes.ts';

/**
 * What no promotion file may hold: the controls that YAML forbids, and those that YAML 1.1 readers take for line ends
 * while others do not (lone carriage return, NEL, LS, PS), behind which an entry could hide from one of them.
 */
const FORBIDDEN = /[^\P{Cc}\t\n\r]|[\u2028\u2029\ufeff]|\r(?!\n)/u;
const BYTE_ORDER_MARK = '\ufeff';

/** Text of a file, and where it cannot be trusted: nothing is parsed when there is a fault. */
export interface DecodedText {
  readonly text: string;
  readonly fault: { readonly code: FindingCode; readonly offset: number; readonly text: FindingText } | null;
}

/** Decodes UTF-8, without a byte order mark; invalid sequences and forbidden controls are faults. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const lossy = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const skip = lossy.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  const text = lossy.slice(skip);
  if (!isUtf8(bytes)) {
    const offset = firstInvalidOffset(bytes, lossy) - skip;
    return { text, fault: { code: 'invalid-encoding', offset, text: { message: 'not UTF-8', value: '' } } };
  }
  const control = FORBIDDEN.exec(text);
  if (control === null) return { text, fault: null };
  const name = `U+${(control[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  const message = `control character ${name}`;
  return { text, fault: { code: 'control-character', offset: control.index, text: { message, value: name } } };
}

/** Offset in `lossy` of the first replacement character that the bytes do not spell. */
function firstInvalidOffset(bytes: Uint8Array, lossy: string): number {
  const encoder = new TextEncoder();
  let byte = 0;
  let from = 0;
  for (let at = lossy.indexOf('\ufffd'); at >= 0; at = lossy.indexOf('\ufffd', from)) {
    byte += encoder.encode(lossy.slice(from, at)).length;
    const spelled = bytes[byte] === 0xef && bytes[byte + 1] === 0xbf && bytes[byte + 2] === 0xbd;
    if (!spelled) return at;
    byte += 3;
    from = at + 1;
  }
  return 0;
}
