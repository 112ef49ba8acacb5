// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The parts of a package.json that packing reads and writes. */
export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** A package of the workspace: its directory relative to the root, and its package.json. */
export interface WorkspacePackage {
  readonly directory: string;
  readonly json: PackageJson;
}

/** Reads the package.json of every package of the workspace. */
export function readWorkspacePackages(root: string): readonly WorkspacePackage[] {
  const directories = ['libs', 'apps', 'tools'].flatMap((group) =>
    readdirSync(join(root, group)).map((entry) => `${group}/${entry}`),
  );
  return directories
    .filter((directory) => existsSync(join(root, directory, 'package.json')))
    .map((directory) => ({ directory, json: readPackageJson(join(root, directory, 'package.json')) }));
}

/** The package.json of this repository or made by packing: its shape is ours. */
export function readPackageJson(file: string): PackageJson {
  return JSON.parse(readFileSync(file, 'utf8')) as PackageJson;
}

/** The package's name in an import specifier: `undici` of `undici/lib/x`, `@scope/name` of `@scope/name/y`. */
export function packageOfSpecifier(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
