// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';

/** sha256 in hexadecimal digits, as artifacts name their inputs. */
export function sha256Of(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
