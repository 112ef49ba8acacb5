// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { emitDeclarations } from './declarations.ts';
import { copyInto, copyTexts, writeJson } from './published-files.ts';
import { readWorkspacePackages } from './workspace-package.ts';
import type { PackageJson } from './workspace-package.ts';

const DIRECTORY = 'tools/executors';
const CLI_PACKAGE = 'promograph';
const ENTRIES = ['src/index.ts', 'src/plugin.ts'];
/** Fields of executors.json and generators.json that name a file. */
const FILE_FIELDS = ['implementation', 'batchImplementation', 'factory', 'schema'];

/** Builds the package `@promograph/nx`, which reaches every library through the package `promograph`. */
export async function buildNxPackage(root: string, target: string): Promise<void> {
  const packages = readWorkspacePackages(root);
  const own = packages.find((entry) => entry.directory === DIRECTORY)?.json;
  const cli = packages.find((entry) => entry.json.name === CLI_PACKAGE)?.json;
  if (own === undefined || cli === undefined) throw new Error('a package.json is missing');
  const entries = [...ENTRIES, ...publishCollections(root, target)];
  const imported = await bundle({
    entries: entries.map((entry) => join(root, DIRECTORY, entry)),
    sourceDir: join(root, DIRECTORY, 'src'),
    outDir: join(target, 'dist'),
    keepAs: (name) => (name.startsWith('@promograph/') ? CLI_PACKAGE : name),
  });
  emitDeclarations({
    root,
    entries: ENTRIES.map((entry) => `${DIRECTORY}/${entry}`),
    outDir: join(target, 'dist', 'types'),
    specifierOf: () => CLI_PACKAGE,
  });
  copyTexts(root, DIRECTORY, target);
  const versions = { ...own.dependencies, [CLI_PACKAGE]: cli.version };
  writeJson(join(target, 'package.json'), publishedPackage(own, publishedDependencies(imported, versions)));
}

/** Writes executors.json and generators.json with what they name, and answers the sources of their entries. */
function publishCollections(root: string, target: string): readonly string[] {
  const entries = new Set<string>();
  for (const name of ['executors.json', 'generators.json']) {
    const published = publish(readFileSync(join(root, DIRECTORY, name), 'utf8'), (path) => {
      if (path.endsWith('.json')) copyInto(join(root, DIRECTORY, path), join(target, builtPath(path)));
      else entries.add(path);
    });
    writeJson(join(target, name), published);
  }
  return [...entries];
}

function publishedPackage(own: PackageJson, dependencies: Readonly<Record<string, string>>): object {
  const types = `./dist/types/${DIRECTORY}/src`;
  return {
    name: own.name,
    version: own.version,
    description: own.description,
    license: own.license,
    keywords: ['nx', 'nx-plugin', 'oci', 'container', 'promotion'],
    type: 'module',
    exports: {
      '.': { types: `${types}/index.d.ts`, default: './dist/index.js' },
      './plugin': { types: `${types}/plugin.d.ts`, default: './dist/plugin.js' },
      './package.json': './package.json',
      './executors.json': './executors.json',
      './generators.json': './generators.json',
    },
    executors: './executors.json',
    generators: './generators.json',
    files: ['dist', 'executors.json', 'generators.json'],
    engines: own.engines,
    dependencies,
  };
}

/** Nx itself asks plugins to take a range of its devkit; everything else is as exact as it was tested. */
function publishedDependencies(
  imported: ReadonlySet<string>,
  versions: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const entries = [...imported].sort().map((name) => {
    const version = versions[name];
    if (version === undefined) throw new Error(`${name} is imported, but ${DIRECTORY} does not depend on it`);
    return [name, name === '@nx/devkit' ? `^${version}` : version] as const;
  });
  return Object.fromEntries(entries);
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
