// SPDX-License-Identifier: Apache-2.0

const ONE_BLOCK = /^\s*-----BEGIN ([A-Z0-9 ]+)-----\s+([A-Za-z0-9+/=\s]+)-----END \1-----\s*$/;

/** DER bytes of the only block of a PEM text; null when there is none or more than one. */
export function readPem(text: string): Buffer | null {
  const body = ONE_BLOCK.exec(text)?.[2];
  return body === undefined ? null : Buffer.from(body, 'base64');
}

/** DER bytes of the first block of a PEM text; null when it starts with none. */
export function readFirstPem(text: string): Buffer | null {
  const end = /-----END [A-Z0-9 ]+-----/.exec(text);
  return end === null ? null : readPem(text.slice(0, end.index + end[0].length));
}
