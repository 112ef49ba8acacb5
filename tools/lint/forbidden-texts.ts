// SPDX-License-Identifier: Apache-2.0

/** A text that may not stand in a file, and in which files it is looked for. */
export interface ForbiddenText {
  readonly rule: string;
  readonly pattern: RegExp;
  readonly only: 'all' | 'sources' | 'tests';
  readonly message: string;
}

/**
 * Patterns are written so that none matches itself. They keep two promises: the repository works on any machine (no
 * directory or package mirror of the one it was written on), and nothing unfinished or switched off is committed.
 */
export const FORBIDDEN_TEXTS: readonly ForbiddenText[] = [
  {
    rule: 'machine-path',
    pattern: /(?<![\w.$}])\/(?:work|Users|mnt)\/[\w.-]+/g,
    only: 'all',
    message: 'a directory of one machine',
  },
  {
    rule: 'mirror',
    pattern:
      /"resolved": "https?:|^ *registry *= *http.*|https?:\/\/[\w.-]*(?:deb\.debian|npmjs|npmmirror|artifactory|nexus)[\w.-]*/gm,
    only: 'all',
    message: 'the address of a package mirror',
  },
  { rule: 'unfinished', pattern: /\b(?:TO[D]O|FIX[M]E|XX[X])\b/g, only: 'all', message: 'unfinished work' },
  {
    rule: 'suppression',
    pattern: /@ts-(?:ignore|expect-error|nocheck)\b|\b(?:eslint|prettier)-(?:disable|ignore)\b/g,
    only: 'sources',
    message: 'a check is switched off',
  },
  {
    rule: 'test-switched-off',
    pattern: /\b(?:it|test|describe)\.(?:skip|only|todo)\b/g,
    only: 'tests',
    message: 'a test is switched off',
  },
];
