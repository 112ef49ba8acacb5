// SPDX-License-Identifier: Apache-2.0
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { emitDeclarations, relativeSpecifier } from './declarations.ts';
import { copyInto, copyTexts, writeJson } from './published-files.ts';
import { readPackageJson, readWorkspacePackages } from './workspace-package.ts';
import type { WorkspacePackage } from './workspace-package.ts';

/** A package that is a command and an API, with all libraries of the workspace inside. */
export interface ProgramPackage {
  readonly root: string;
  /** Where the package goes. */
  readonly target: string;
  /** Its directory in the workspace, with `src/main.ts` and `src/index.ts`. */
  readonly directory: string;
  /** The command's file. */
  readonly bin: string;
  /** More entries of the export map: name without `./`, which is also a source file of the directory. */
  readonly extraExports?: readonly string[];
}

/** The program's entry in the published package; the command falls back to the source where it is not built. */
const BUILT_ENTRY = '../dist/main.js';

/** Builds the package; what `extraExports` names is declared here and built by the caller. */
export async function buildProgramPackage(options: ProgramPackage): Promise<void> {
  const { root, target, directory, bin, extraExports = [] } = options;
  const packages = readWorkspacePackages(root);
  const own = packages.find((entry) => entry.directory === directory);
  if (own === undefined) throw new Error(`${directory}/package.json is missing`);
  const sourceDir = join(root, directory, 'src');
  const imported = await bundle({
    entries: [join(sourceDir, 'main.ts'), join(sourceDir, 'index.ts')],
    sourceDir,
    outDir: join(target, 'dist'),
    keepAs: (name) => (name.startsWith('@promograph/') ? null : name),
  });
  emitDeclarations({
    root,
    entries: [`${directory}/src/index.ts`, ...extraExports.map((name) => `${directory}/${name}.ts`)],
    outDir: join(target, 'dist', 'types'),
    specifierOf: (name, file) => relativeSpecifier(file, `${directoryOf(packages, name)}/src/index.ts`),
  });
  copyBin(options);
  copyTexts(root, directory, target);
  const extra = extraExports.map((name) => {
    return [`./${name}`, { types: `./dist/types/${directory}/${name}.d.ts`, default: `./dist/${name}.js` }] as const;
  });
  writeJson(join(target, 'package.json'), {
    name: own.json.name,
    version: own.json.version,
    description: own.json.description,
    license: own.json.license,
    type: 'module',
    bin: own.json.bin,
    exports: {
      '.': { types: `./dist/types/${directory}/src/index.d.ts`, default: './dist/index.js' },
      ...Object.fromEntries(extra),
      './package.json': './package.json',
    },
    files: [bin.split('/')[0], 'dist'],
    engines: own.json.engines,
    dependencies: Object.fromEntries(withPeers(root, imported).map((name) => [name, versionOf(packages, name)])),
  });
}

function copyBin({ root, target, directory, bin }: ProgramPackage): void {
  const file = join(target, bin);
  copyInto(join(root, directory, bin), file);
  if (!readFileSync(file, 'utf8').includes(BUILT_ENTRY))
    throw new Error(`${directory}/${bin} does not start ${BUILT_ENTRY}`);
  chmodSync(file, 0o755);
}

function directoryOf(packages: readonly WorkspacePackage[], name: string): string {
  const found = packages.find((entry) => entry.json.name === name);
  if (found === undefined) throw new Error(`types of ${name} are published, but it is no package of the workspace`);
  return found.directory;
}

/** The packages and those that they want beside them, which npm would otherwise pick in a version of its own. */
function withPeers(root: string, imported: ReadonlySet<string>): readonly string[] {
  const peers = [...imported].flatMap((name) => {
    const file = join(root, 'node_modules', name, 'package.json');
    const { peerDependencies = {}, peerDependenciesMeta = {} } = readPackageJson(file);
    return Object.keys(peerDependencies).filter((peer) => peerDependenciesMeta[peer]?.optional !== true);
  });
  return [...new Set([...imported, ...peers])].sort();
}

/** The exact version that a package of the workspace states: what was tested is what users get. */
function versionOf(packages: readonly WorkspacePackage[], name: string): string {
  const versions = new Set(packages.flatMap((entry) => entry.json.dependencies?.[name] ?? []));
  const [version, ...others] = versions;
  if (version === undefined) throw new Error(`${name} is imported, but no package of the workspace depends on it`);
  if (others.length > 0) throw new Error(`${name} is wanted in several versions: ${[...versions].join(', ')}`);
  return version;
}
