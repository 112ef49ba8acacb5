// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/** Bytes of canonical base64; null for anything else. Linear in time and stack, unlike a regular expression. */
export function readBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

/** Base64 within JSON, as bytes. */
export const base64Bytes: z.ZodType<Buffer> = z.string().transform((text, context) => {
  const bytes = readBase64(text);
  if (bytes !== null) return bytes;
  context.addIssue({ code: 'custom', message: 'not base64' });
  return z.NEVER;
});
