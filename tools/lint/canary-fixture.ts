// SPDX-License-Identifier: Apache-2.0
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readArchitecture } from './architecture.ts';

/** Configuration that the guards read from the root: the canaries run under the real one. */
const CONFIGURATION = [
  '.prettierrc.json',
  '.prettierignore',
  'architecture.json',
  'eslint.config.js',
  'knip.json',
  'package.json',
  'tsconfig.base.json',
  'tsconfig.json',
];

const SPDX = '// SPDX-License-Identifier: Apache-2.0\n';

/** A small repository with the real configuration, in which a violation can be planted. */
export interface CanaryFixture extends AsyncDisposable {
  readonly root: string;
  readonly plant: (files: Readonly<Record<string, string>>) => Promise<void>;
}

/** Makes a fixture that every guard accepts; it is removed when disposed of. */
export async function makeCanaryFixture(repository: string): Promise<CanaryFixture> {
  const root = await mkdtemp(join(tmpdir(), 'promograph-canary-'));
  const plant = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
  };
  for (const file of CONFIGURATION) await cp(join(repository, file), join(root, file));
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'));
  const { rooms } = await readArchitecture(repository);
  for (const name of Object.keys(rooms)) {
    await mkdir(join(root, name), { recursive: true });
    await cp(join(repository, name, 'package.json'), join(root, name, 'package.json'));
    await plant({ [`${name}/src/index.ts`]: `${SPDX}export {};\n` });
  }
  return { root, plant, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}
