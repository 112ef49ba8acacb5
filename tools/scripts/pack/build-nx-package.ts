// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { emitDeclarations } from './declarations.ts';
import { copyInto, copyTexts, writeJson } from './published-files.ts';
import { readWorkspacePackages } from './workspace-package.ts';

const DIRECTORY = 'tools/executors';
const CLI_PACKAGE = 'promograph';
/** Fields of executors.json and generators.json that name a file. */
const FILE_FIELDS = ['implementation', 'batchImplementation', 'factory', 'schema'];

/** Builds the package `@promograph/nx`, which reaches every library through the package `promograph`. */
export async function buildNxPackage(root: string, target: string): Promise<void> {
  const packages = readWorkspacePackages(root);
  const own = packages.find((entry) => entry.directory === DIRECTORY)?.json;
  const cli = packages.find((entry) => entry.json.name === CLI_PACKAGE)?.json;
  if (own === undefined || cli === undefined) throw new Error('a package.json is missing');
  const sourceDir = join(root, DIRECTORY, 'src');
  const entries = new Set(['src/index.ts', 'src/plugin.ts']);
  const schemas = new Set<string>();
  for (const name of ['executors', 'generators']) {
    const published = publish(readFileSync(join(root, DIRECTORY, `${name}.json`), 'utf8'), (path) => {
      (path.endsWith('.json') ? schemas : entries).add(path);
    });
    writeJson(join(target, `${name}.json`), published);
  }
  const imported = await bundle({
    entries: [...entries].map((entry) => join(root, DIRECTORY, entry)),
    sourceDir,
    outDir: join(target, 'dist'),
    keepAs: (name) => (name.startsWith('@promograph/') ? CLI_PACKAGE : name),
  });
  for (const schema of schemas) copyInto(join(root, DIRECTORY, schema), join(target, builtPath(schema)));
  emitDeclarations({
    root,
    entries: [`${DIRECTORY}/src/index.ts`, `${DIRECTORY}/src/plugin.ts`],
    outDir: join(target, 'dist', 'types'),
    specifierOf: () => CLI_PACKAGE,
  });
  copyTexts(root, DIRECTORY, target);
  writeJson(join(target, 'package.json'), {
    name: own.name,
    version: own.version,
    description: own.description,
    license: own.license,
    keywords: ['nx', 'nx-plugin', 'oci', 'container', 'promotion'],
    type: 'module',
    exports: {
      '.': { types: `./dist/types/${DIRECTORY}/src/index.d.ts`, default: './dist/index.js' },
      './plugin': { types: `./dist/types/${DIRECTORY}/src/plugin.d.ts`, default: './dist/plugin.js' },
      './package.json': './package.json',
      './executors.json': './executors.json',
      './generators.json': './generators.json',
    },
    executors: './executors.json',
    generators: './generators.json',
    files: ['dist', 'executors.json', 'generators.json'],
    engines: own.engines,
    dependencies: Object.fromEntries(
      [...imported].sort().map((name) => [name, publishedVersion(name, cli.version, own.dependencies ?? {})]),
    ),
  });
}

/** Nx itself asks plugins to take a range of its devkit; everything else is as exact as it was tested. */
function publishedVersion(name: string, cliVersion: string, own: Readonly<Record<string, string>>): string {
  const version = name === CLI_PACKAGE ? cliVersion : own[name];
  if (version === undefined) throw new Error(`${name} is imported, but ${DIRECTORY} does not depend on it`);
  return name === '@nx/devkit' ? `^${version}` : version;
}

/** Points every file of an executors.json or generators.json to what is built, and tells of the source. */
function publish(text: string, onFile: (path: string) => void): unknown {
  return JSON.parse(text, (key, value: unknown) => {
    if (!FILE_FIELDS.includes(key) || typeof value !== 'string') return value;
    const [path = '', exportName] = value.replace(/^\.\//, '').split('#');
    onFile(path);
    return `./${builtPath(path)}${exportName === undefined ? '' : `#${exportName}`}`;
  });
}

function builtPath(sourcePath: string): string {
  return sourcePath.replace(/^src\//, 'dist/').replace(/\.ts$/, '.js');
}
