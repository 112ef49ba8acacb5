// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';
import { packageOfSpecifier } from './workspace-package.ts';

export interface BundleOptions {
  /** Absolute source files; each becomes an entry of the same relative path below `outDir`. */
  readonly entries: readonly string[];
  /** Directory that the entries' relative paths start from. */
  readonly sourceDir: string;
  readonly outDir: string;
  /** The name under which a package stays outside; null takes it into the bundle. */
  readonly keepAs: (packageName: string) => string | null;
}

/** Node 22 is the oldest that `engines` allows. */
const TARGET = 'node22';

/** Bundles entries to ESM with shared chunks, and answers the npm packages that the result imports. */
export async function bundle(options: BundleOptions): Promise<ReadonlySet<string>> {
  const imported = new Set<string>();
  const result = await build({
    entryPoints: [...options.entries],
    outbase: options.sourceDir,
    outdir: options.outDir,
    // Flat: sources find their package.json one directory above themselves, and so must chunks.
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: TARGET,
    sourcemap: true,
    sourcesContent: true,
    legalComments: 'inline',
    metafile: true,
    logLevel: 'warning',
    plugins: [externalPackages(options.keepAs, imported)],
  });
  if (result.warnings.length > 0) throw new Error('the bundler warned, see above');
  const written = Object.keys(result.metafile.outputs).filter((file) => file.endsWith('.js'));
  return new Set([...imported, ...written.flatMap(loadedLater)]);
}

/** Packages that code loads when it needs them: the bundler does not follow these calls. */
function loadedLater(file: string): readonly string[] {
  const calls = readFileSync(file, 'utf8').matchAll(/createRequire\d*\(import\.meta\.url\)\("([^"]+)"\)/g);
  return [...calls].flatMap(([, name]) => (name === undefined ? [] : [packageOfSpecifier(name)]));
}

function externalPackages(keepAs: BundleOptions['keepAs'], imported: Set<string>): Plugin {
  return {
    name: 'external-packages',
    setup(builder) {
      builder.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
        if (kind === 'entry-point' || isBuiltin(path)) return undefined;
        const packageName = packageOfSpecifier(path);
        const kept = keepAs(packageName);
        if (kept === null) return undefined;
        imported.add(packageOfSpecifier(kept));
        return { path: kept + path.slice(packageName.length), external: true };
      });
    },
  };
}
