// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { readBase64 } from './base64.ts';
import { readFirstPem, readPem } from './pem.ts';

const block = (label: string, body: string): string => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
const KEY = block('PUBLIC KEY', 'AAEC\nAwQF');

describe('a PEM text', () => {
  it('of one block is read', () => {
    expect(readPem(`\n${KEY}\n`)).toEqual(Buffer.from([0, 1, 2, 3, 4, 5]));
  });

  it('of two blocks is read only where the first is asked for', () => {
    expect(readPem(KEY + block('CERTIFICATE', 'BBBB'))).toBeNull();
    expect(readFirstPem(KEY + block('CERTIFICATE', 'BBBB'))).toEqual(Buffer.from([0, 1, 2, 3, 4, 5]));
  });

  it.each([
    ['without a block', 'text'],
    ['with something before the block', `x${KEY}`],
    ['with something after the block', `${KEY}x`],
    ['with an end of another kind', KEY.replace('END PUBLIC', 'END PRIVATE')],
    ['that is not base64', block('PUBLIC KEY', 'A?==')],
    ['with an empty block', block('PUBLIC KEY', '')],
    ['of nothing but white space', `-----BEGIN X-----${' '.repeat(1_000_000)}`],
  ])('%s is none', (_name, text) => {
    expect(readPem(text)).toBeNull();
  });
});

describe('base64', () => {
  it.each(['AA=', 'AA', 'AB==', 'A A=', 'AA==\n', 'AA-_'])('that is not canonical is none: %j', (text) => {
    expect(readBase64(text)).toBeNull();
  });

  it('of fifty megabytes is read', () => {
    expect(readBase64('AAAA'.repeat(12_500_000))).toHaveLength(37_500_000);
  });
});
