// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Guard } from './violation.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Checks that the generated pages of docs/reference say what the code says. */
export const referenceGuard: Guard = {
  name: 'reference',
  check: async (root) => {
    // Loaded late: code that does not even load must not keep the other guards from running.
    const { makeReferencePages } = await import('../scripts/reference/reference-pages.ts');
    const pages = await makeReferencePages(repository);
    const present = await Promise.all(pages.map(({ path }) => readFile(join(root, path), 'utf8').catch(() => '')));
    return pages
      .filter(({ text }, index) => text !== present[index])
      .map(({ path }) => ({ at: path, rule: 'reference/stale', message: 'run `npm run reference`' }));
  },
};
