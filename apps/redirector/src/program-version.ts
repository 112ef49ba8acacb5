// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';

/** The version in the package's own package.json, which lies one directory above both `src` and `dist`. */
export function programVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const parsed: unknown = JSON.parse(text);
  const version = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined;
  return typeof version === 'string' ? version : '0.0.0';
}
