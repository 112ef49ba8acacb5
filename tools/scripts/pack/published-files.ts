// SPDX-License-Identifier: Apache-2.0
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Copies licence and README: the package's own README, or the project's when it has none. */
export function copyTexts(root: string, packageDirectory: string, target: string): void {
  copyInto(join(root, 'LICENSE'), join(target, 'LICENSE'));
  const readme = [join(root, packageDirectory, 'README.md'), join(root, 'README.md')].find((file) => existsSync(file));
  if (readme !== undefined) copyInto(readme, join(target, 'README.md'));
}

/** Copies a file and makes the directory that it goes to. */
export function copyInto(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(source, target);
}

/** Writes a value as JSON, two spaces deep, and makes the directory that it goes to. */
export function writeJson(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
