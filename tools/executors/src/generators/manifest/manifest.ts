// SPDX-License-Identifier: Apache-2.0
import devkit from '@nx/devkit';
import type { Tree } from '@nx/devkit';

/** Options of the generator `manifest`. */
export interface ManifestOptions {
  readonly name: string;
  /** Registry to promote from: `host` or `host/path`. */
  readonly source: string;
  /** Registries to promote to. */
  readonly destination: readonly string[];
  /** Root of the promotion tree. Default: the workspace root. */
  readonly tree?: string;
  readonly skipFormat?: boolean;
}

/** Characters that need no quotes in YAML and no escaping in a glob; what a name means is for `validate` to judge. */
const PROJECT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const REGISTRY_NAME = /^[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?(\/[a-z0-9._/-]*[a-z0-9])?$/;

const IMAGES_HEADER = `# One entry per image: its name below the source registry, then digest and tags.
# - name: app
#   dmap:
#     "sha256:<64 hexadecimal digits>": ["v1.0.0"]
`;

/** Writes the two files of a new project; refuses to touch a project that exists. */
export async function manifestGenerator(tree: Tree, options: ManifestOptions): Promise<void> {
  const destinations = options.destination.map((name) => name.trim()).filter((name) => name !== '');
  if (!PROJECT_NAME.test(options.name)) throw new Error(`not a project name: ${JSON.stringify(options.name)}`);
  if (destinations.length === 0) throw new Error('a project needs at least one destination');
  for (const registry of [options.source, ...destinations]) {
    if (!REGISTRY_NAME.test(registry))
      throw new Error(`not a registry (host or host/path): ${JSON.stringify(registry)}`);
  }
  const root = options.tree ?? '.';
  const manifestFile = devkit.joinPathFragments(root, 'manifests', options.name, 'promoter-manifest.yaml');
  const imagesFile = devkit.joinPathFragments(root, 'images', options.name, 'images.yaml');
  for (const file of [manifestFile, imagesFile]) {
    if (tree.exists(file)) throw new Error(`${file} exists already`);
  }
  const entries = destinations.map((name) => `  - name: ${name}\n`).join('');
  tree.write(manifestFile, `registries:\n  - name: ${options.source}\n    src: true\n${entries}`);
  tree.write(imagesFile, `${IMAGES_HEADER}[]\n`);
  if (options.skipFormat !== true) await devkit.formatFiles(tree);
}
