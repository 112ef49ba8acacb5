// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeReferencePages } from './reference/reference-pages.ts';

// Writes the generated pages of docs/reference; with --check it only says which are out of date and answers 1.
const repository = fileURLToPath(new URL('../..', import.meta.url));
const isCheck = process.argv.includes('--check');
for (const { path, text } of await makeReferencePages(repository)) {
  const file = join(repository, path);
  const present = await readFile(file, 'utf8').catch(() => '');
  if (present === text) continue;
  if (!isCheck) await writeFile(file, text);
  console.log(`${path}  ${isCheck ? 'is not what the code says: run `npm run reference`' : 'written'}`);
  if (isCheck) process.exitCode = 1;
}
