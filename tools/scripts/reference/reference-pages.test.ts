// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FINDING_CODES } from '@promograph/manifest';
import { ERROR_CODES, REFUSALS } from 'promograph/reference';
import { describe, expect, it } from 'vitest';
import { makeReferencePages } from './reference-pages.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const pages = await makeReferencePages(repository);

function pageText(name: string): string {
  return pages.find(({ path }) => path === `docs/reference/${name}.md`)?.text ?? '';
}

describe('generated reference pages', () => {
  it.each(pages)('$path is committed as the code makes it', ({ path, text }) => {
    expect(readFileSync(`${repository}/${path}`, 'utf8')).toBe(text);
  });

  it('name every code exactly once as the head of a row', () => {
    const codes = [...pageText('errors').matchAll(/^\| `([^`]+)`/gm)].map(([, code]) => code);

    const known = [...Object.keys(FINDING_CODES), ...Object.keys(REFUSALS), ...Object.keys(ERROR_CODES)];
    expect([...codes].sort()).toEqual(known.sort());
  });

  it('leave no flag of cip out of the page for users of the older tool', () => {
    const section = pageText('cli').split('## cip')[1] ?? '';
    const flags = [...section.matchAll(/^\| `(--[a-z-]+)/gm)].map(([, flag]) => flag ?? '');
    const page = readFileSync(`${repository}/docs/how-to/coming-from-kpromo.md`, 'utf8');

    const missing = flags.filter((flag) => !new RegExp(`\`${flag}(?![a-z-])`).test(page));

    expect(flags).toContain('--thin-manifest-dir');
    expect(missing).toEqual([]);
  });
});
