// SPDX-License-Identifier: Apache-2.0
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildProgramPackage } from './build-program-package.ts';

const DIRECTORY = 'apps/redirector';

/** Builds the package `@promograph/redirector`: command and API, and the handler for edges. */
export async function buildRedirectorPackage(root: string, target: string): Promise<void> {
  const bin = 'bin/promograph-redirector.js';
  await buildProgramPackage({ root, target, directory: DIRECTORY, bin, extraExports: ['worker'] });
  await bundleWorker(root, join(target, 'dist', 'worker.js'));
}

/** Bundles the handler for edges into one file that imports nothing: an edge has neither packages nor Node's modules. */
export async function bundleWorker(root: string, outFile: string): Promise<void> {
  const { warnings, metafile } = await build({
    entryPoints: [join(root, DIRECTORY, 'worker.ts')],
    outfile: outFile,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    legalComments: 'inline',
    metafile: true,
    logLevel: 'warning',
    plugins: [
      {
        // Hashing is in the same file as the form of digests; what is not used of it must not come along.
        name: 'node-modules-without-effects',
        setup: (builder) => {
          builder.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, external: true, sideEffects: false }));
        },
      },
    ],
  });
  if (warnings.length > 0) throw new Error('the bundler warned, see above');
  const left = Object.values(metafile.outputs).flatMap(({ imports }) => imports.filter(({ path }) => isBuiltin(path)));
  if (left.length > 0) throw new Error(`the worker imports ${left.map(({ path }) => path).join(', ')}`);
}
