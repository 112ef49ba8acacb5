// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FORBIDDEN_TEXTS } from './forbidden-texts.ts';
import { isSource, isTest, listFiles } from './list-files.ts';
import type { Guard, Violation } from './violation.ts';

/** A file that is longer holds more than one thing. */
const MAX_LINES = 400;
const LICENCE = '// SPDX-License-Identifier: Apache-2.0';
/** Names that say nothing about what is inside. */
const EMPTY_NAMES = /(?:^|-)(?:utils?|common|misc|managers?)(?:-|\.)|^helpers?\./;
const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)+$/;
/** Formats that a person writes and reads; others (a lock file, a test's binary fixture) are not looked into. */
const TEXT = /\.(?:ts|js|mjs|json|md|ya?ml|sh|txt)$|(?:^|\/)(?:run|\.npmrc|\.gitignore)$/;

/** Checks each file alone: licence line, length, name, and texts that do not belong into the repository. */
export const filesGuard: Guard = {
  name: 'files',
  check: async (root) => {
    const found: Violation[] = [];
    for (const path of await listFiles(root)) {
      if (!TEXT.test(path)) continue;
      const text = await readFile(join(root, path), 'utf8');
      if (isSource(path)) found.push(...checkSource(path, text));
      found.push(...checkTexts(path, text));
    }
    return found;
  },
};

function checkSource(path: string, text: string): readonly Violation[] {
  const found: Violation[] = [];
  const lines = text.split('\n');
  const name = basename(path);
  const object = (rule: string, message: string): void => {
    found.push({ at: path, rule: `files/${rule}`, message });
  };
  // Plain JavaScript at the head of a program may start with a `#!` line.
  if (lines[lines[0]?.startsWith('#!') === true ? 1 : 0] !== LICENCE)
    object('licence', `the first line is not "${LICENCE}"`);
  if (lines.length - 1 > MAX_LINES) object('length', `${lines.length - 1} lines; at most ${MAX_LINES}`);
  if (!KEBAB_CASE.test(name)) object('name', `${name} is not in kebab-case`);
  if (EMPTY_NAMES.test(name)) object('name', `${name} does not say what is inside`);
  return found;
}

function checkTexts(path: string, text: string): readonly Violation[] {
  return FORBIDDEN_TEXTS.flatMap(({ rule, pattern, only, message }) => {
    if (only === 'tests' && !isTest(path)) return [];
    if (only === 'sources' && !isSource(path)) return [];
    return [...text.matchAll(pattern)].map((match) => ({
      at: `${path}:${text.slice(0, match.index).split('\n').length}`,
      rule: `files/${rule}`,
      message: `${message}: ${match[0].trim()}`,
    }));
  });
}
