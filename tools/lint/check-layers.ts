// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import { type Architecture, readArchitecture, roomOf } from './architecture.ts';
import { checkTable } from './check-table.ts';
import { isSource, isTest, listFiles } from './list-files.ts';
import { type ImportedModule, packageName, readImports } from './read-imports.ts';
import type { Guard, Violation } from './violation.ts';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

interface Surroundings {
  readonly architecture: Architecture;
  /** Names of packages that each room's package.json lists; '' stands for the root's. */
  readonly listed: ReadonlyMap<string, ReadonlySet<string>>;
  /** Package name to room. */
  readonly roomByPackage: ReadonlyMap<string, string>;
}

interface ImportSite {
  readonly path: string;
  readonly room: string;
  readonly module: ImportedModule;
}

/** Compares every import of every source file with architecture.json and with the packages' own dependency lists. */
export const layersGuard: Guard = { name: 'layers', check: checkLayers };

async function checkLayers(root: string): Promise<readonly Violation[]> {
  const surroundings = await readSurroundings(root);
  const found = [...(await checkTable(root, surroundings.architecture)), ...checkListed(surroundings)];
  for (const path of (await listFiles(root)).filter(isSource)) {
    const room = roomOf(surroundings.architecture, path);
    if (room === null) continue;
    const modules = readImports(await readFile(join(root, path), 'utf8'));
    for (const module of modules) found.push(...checkImport({ path, room, module }, surroundings));
  }
  return found;
}

async function readSurroundings(root: string): Promise<Surroundings> {
  const architecture = await readArchitecture(root);
  const listed = new Map<string, ReadonlySet<string>>();
  const roomByPackage = new Map<string, string>();
  for (const [name, room] of [['', null] as const, ...Object.entries(architecture.rooms)]) {
    const manifest = JSON.parse(await readFile(join(root, name, 'package.json'), 'utf8')) as Manifest;
    listed.set(name, new Set(Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })));
    if (room !== null) roomByPackage.set(room.package, name);
  }
  return { architecture, listed, roomByPackage };
}

/** A dependency that package.json lists is an arrow too, even before the first import. */
function checkListed({ architecture, listed, roomByPackage }: Surroundings): readonly Violation[] {
  return Object.entries(architecture.rooms).flatMap(([name, room]) =>
    [...(listed.get(name) ?? [])].flatMap((dependency) => {
      const target = roomByPackage.get(dependency);
      if (target === undefined || room.mayImport.includes(target)) return [];
      return [
        { at: `${name}/package.json`, rule: 'layers/dependency', message: `${name} -> ${target} is not allowed` },
      ];
    }),
  );
}

function checkImport(site: ImportSite, surroundings: Surroundings): readonly Violation[] {
  const { specifier, line } = site.module;
  const object = (rule: string, message: string): readonly Violation[] => [
    { at: `${site.path}:${line}`, rule: `layers/${rule}`, message },
  ];
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(site.path), specifier);
    if (target.startsWith(`${site.room}/`)) return [];
    if (isBetweenPlaces(site, target, surroundings.architecture)) return [];
    return object('relative', `${site.path} -> ${target} leaves ${site.room}; import the package by its name`);
  }
  const name = packageName(specifier);
  const target = surroundings.roomByPackage.get(name);
  if (target !== undefined) return checkRoomImport(site, target, surroundings);
  if (surroundings.architecture.rooms[site.room]?.isPure === true && !isTest(site.path)) {
    const isNetwork = surroundings.architecture.networkModules.includes(name);
    if (isNetwork) return object('pure', `${site.path} -> ${specifier}: ${site.room} is pure`);
  }
  if (isBuiltin(specifier) || isListed(site, name, surroundings)) return [];
  return object('unlisted', `${site.path} -> ${name} is missing in ${site.room}/package.json`);
}

/** The repository's own programs may share files among themselves and read what lies at the root. */
function isBetweenPlaces(site: ImportSite, target: string, architecture: Architecture): boolean {
  const room = roomOf(architecture, target);
  return architecture.places.includes(site.room) && (room === null || architecture.places.includes(room));
}

/** Tests and the repository's own programs may also use what the root lists for development. */
function isListed(site: ImportSite, name: string, surroundings: Surroundings): boolean {
  const isOwn = surroundings.listed.get(site.room)?.has(name) === true;
  const mayUseRoot = isTest(site.path) || surroundings.architecture.places.includes(site.room);
  return isOwn || (mayUseRoot && surroundings.listed.get('')?.has(name) === true);
}

function checkRoomImport(site: ImportSite, target: string, surroundings: Surroundings): readonly Violation[] {
  const { architecture } = surroundings;
  const object = (rule: string, message: string): readonly Violation[] => [
    { at: `${site.path}:${site.module.line}`, rule: `layers/${rule}`, message },
  ];
  const path = `${site.path} -> ${target}`;
  if (architecture.places.includes(site.room) || target === site.room) return [];
  if (target === architecture.testing) {
    return isTest(site.path) ? [] : object('testing', `${path}: only tests may import ${target}`);
  }
  const isTestOfTesting = site.room === architecture.testing && isTest(site.path);
  const mayImport = architecture.rooms[site.room]?.mayImport.includes(target) === true;
  if (!mayImport && !isTestOfTesting) return object('arrow', `${path} is not allowed`);
  if (!isTest(site.path) && !isListed(site, site.module.specifier, surroundings)) {
    return object('unlisted', `${path} is missing in ${site.room}/package.json`);
  }
  return [];
}
