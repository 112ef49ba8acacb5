// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';

/** A directory that holds `manifests` and `images`. */
export interface TreeRootOption {
  /** Relative to the workspace root; `.` is the workspace root itself. */
  readonly path: string;
  /** Put before the names of this tree's projects. Default: nothing for `.`, else the path with dashes. */
  readonly prefix?: string;
}

/** Options of the plugin in `nx.json`. */
export interface PluginOptions {
  /** Promotion trees of the workspace. Default: the workspace root alone. */
  readonly roots?: readonly TreeRootOption[];
  /** Put before the name of every project. Default: nothing. */
  readonly namePrefix?: string;
  /** Where artifacts lie, relative to the root of each tree. Default `.promo`. */
  readonly stateDir?: string;
  /** Whether `validate` asks the gate. Default: where the tree's files have the key `staging`, `scan` or `provenance`. */
  readonly gate?: boolean;
  /** Whether projects have the target `replicate`. Default: where the tree's promograph.yaml has the key `replicate`. */
  readonly replicate?: boolean;
}

/** Options with every default filled in. */
export interface NormalizedOptions {
  /** Tree root relative to the workspace root (`.` or a clean relative path) to the prefix of its projects. */
  readonly prefixByRoot: ReadonlyMap<string, string>;
  readonly stateDir: string;
  /** Undefined where the tree's files decide. */
  readonly given: { readonly gate: boolean | undefined; readonly replicate: boolean | undefined };
  /** What is wrong with the options, one line. Tasks fail with it: inference itself must never throw. */
  readonly problem: string | undefined;
}

const DEFAULT_STATE_DIR = '.promo';
const KNOWN = ['roots', 'namePrefix', 'stateDir', 'gate', 'replicate'];

/** Fills in defaults. Options that cannot be understood fall back to the default and are told in `problem`. */
export function normalizeOptions(options: unknown): NormalizedOptions {
  const given = isRecord(options) ? options : {};
  const problems: string[] = [];
  const namePrefix = readString(given['namePrefix'], 'namePrefix', problems) ?? '';
  const stateDir = readInnerPath(given['stateDir'], 'stateDir', problems) ?? DEFAULT_STATE_DIR;
  const prefixByRoot = new Map<string, string>();
  const gate = readFlag(given['gate'], 'gate', problems);
  const replicate = readFlag(given['replicate'], 'replicate', problems);
  for (const root of readRoots(given['roots'], problems)) {
    prefixByRoot.set(root.path, namePrefix + root.prefix);
  }
  for (const key of Object.keys(given)) {
    if (!KNOWN.includes(key)) problems.push(`unknown option ${key}`);
  }
  const problem = problems.length === 0 ? undefined : `options of @promograph/nx in nx.json: ${problems.join('; ')}`;
  return { prefixByRoot, stateDir, given: { gate, replicate }, problem };
}

function readRoots(value: unknown, problems: string[]): readonly Required<TreeRootOption>[] {
  if (value === undefined) return [{ path: '.', prefix: '' }];
  if (!Array.isArray(value)) {
    problems.push('roots must be a list of {path, prefix}');
    return [{ path: '.', prefix: '' }];
  }
  return value.flatMap((entry: unknown) => {
    const path = isRecord(entry) ? readInnerPath(entry['path'], 'roots[].path', problems) : undefined;
    if (!isRecord(entry) || path === undefined) {
      problems.push('each of roots needs a path');
      return [];
    }
    const prefix = readString(entry['prefix'], 'roots[].prefix', problems);
    return [{ path, prefix: prefix ?? (path === '.' ? '' : `${path.replaceAll('/', '-')}-`) }];
  });
}

function readString(value: unknown, name: string, problems: string[]): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  problems.push(`${name} must be text`);
  return undefined;
}

function readFlag(value: unknown, name: string, problems: string[]): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  problems.push(`${name} must be true or false`);
  return undefined;
}

/** Nx can only watch, hash and restore files inside the workspace. */
function readInnerPath(value: unknown, name: string, problems: string[]): string | undefined {
  const text = readString(value, name, problems);
  if (text === undefined) return undefined;
  const path = posix.normalize(text.replaceAll('\\', '/')).replace(/(?<=.)\/$/, '');
  if (!posix.isAbsolute(path) && path !== '..' && !path.startsWith('../')) return path;
  problems.push(`${name} must be a relative path inside the workspace, not ${JSON.stringify(text)}`);
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
