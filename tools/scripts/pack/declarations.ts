// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import process from 'node:process';
import { readWorkspacePackages } from './workspace-package.ts';

export interface DeclarationOptions {
  readonly root: string;
  /** Source files relative to the root whose types are published. */
  readonly entries: readonly string[];
  /** Where the declarations go, absolute; below it the paths are those of the sources. */
  readonly outDir: string;
  /** The specifier that stands for a workspace package, seen from `file`; paths relative to the root. */
  readonly specifierOf: (packageName: string, file: string) => string;
}

const TSC_TIMEOUT_MS = 120_000;
/** What stands between the quotes of an import or export. */
const SPECIFIER = /(?<=\b(?:from\s*|import\s*\(\s*|import\s+)(['"]))[^'"]+(?=\1)/g;

/** Emits type declarations of the entries and all they reach, with specifiers that resolve in the published package. */
export function emitDeclarations(options: DeclarationOptions): void {
  const { root, outDir } = options;
  // Inside the workspace, so that the compiler finds packages and types as it does for the sources.
  const scratch = mkdtempSync(join(root, 'dist', 'types-'));
  try {
    // By paths: what is found through node_modules counts as foreign, and nothing is emitted for it.
    const paths = Object.fromEntries(
      readWorkspacePackages(root).map(({ json, directory }) => [json.name, [join(root, directory, 'src/index.ts')]]),
    );
    const emit = {
      noEmit: false,
      emitDeclarationOnly: true,
      isolatedDeclarations: false,
      rootDir: root,
      outDir: './out',
    };
    const config = {
      extends: '../../tsconfig.base.json',
      compilerOptions: { ...emit, paths },
      files: options.entries.map((entry) => join(root, entry)),
    };
    writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    execFileSync(process.execPath, [tsc, '-p', scratch], { stdio: 'inherit', timeout: TSC_TIMEOUT_MS });
    const emitted = join(scratch, 'out');
    for (const file of readdirSync(emitted, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.d.ts')) continue;
      const target = join(outDir, file);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, rewrite(readFileSync(join(emitted, file), 'utf8'), file, options));
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function rewrite(text: string, file: string, options: DeclarationOptions): string {
  return text.replace(SPECIFIER, (specifier) => {
    const target = specifier.startsWith('@promograph/') ? options.specifierOf(specifier, file) : specifier;
    return target.startsWith('.') ? target.replace(/\.ts$/, '.js') : target;
  });
}

/** The path from one source file to another as an import specifier. */
export function relativeSpecifier(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from.replaceAll('\\', '/')), to);
  return path.startsWith('.') ? path : `./${path}`;
}
