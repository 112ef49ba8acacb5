// SPDX-License-Identifier: Apache-2.0
import type { FindingExplanation } from './finding-codes.ts';

/** Codes about the directories of a promotion tree. */
export const TREE_CODES = {
  'missing-directory': {
    title: 'The tree lacks manifests/ or images/',
    cause: 'A promotion tree has both directories at its root.',
    remedy: 'Name the directory that holds `manifests` and `images`, or create the missing one.',
    severity: 'error',
    isFatal: true,
  },
  'no-manifests': {
    title: 'The tree has no promoter manifest',
    cause: 'No `manifests/<project>/promoter-manifest.yaml` was found.',
    remedy: 'Name another root, or add a project.',
    severity: 'error',
    isFatal: true,
  },
  'nested-manifest': {
    title: 'A promoter manifest is in the wrong place',
    cause: 'A manifest is read from `manifests/<project>/promoter-manifest.yaml` only, neither above nor below.',
    remedy: 'Move it to a directory of its own directly below `manifests`.',
    severity: 'error',
    isFatal: true,
  },
  'directory-without-manifest': {
    title: 'A directory of manifests/ has no promoter manifest',
    cause: 'Without `promoter-manifest.yaml` the directory is no project.',
    remedy: 'Add the manifest or delete the directory.',
    severity: 'warning',
    isFatal: false,
  },
  'missing-images': {
    title: 'A project has no images.yaml',
    cause: 'Every `manifests/<project>` needs an `images/<project>/images.yaml`.',
    remedy: 'Create the file; it may be empty.',
    severity: 'error',
    isFatal: true,
  },
  'irregular-file': {
    title: 'A file of the tree is not a regular file',
    cause: 'It is a symbolic link, a directory, a device or a submodule; a link could name any file of the machine.',
    remedy: 'Replace it by a regular file.',
    severity: 'error',
    isFatal: true,
  },
  'symlinked-directory': {
    title: 'A directory of the tree is a symbolic link',
    cause: 'Links are not followed: the project behind it would be read, or silently ignored, depending on the tool.',
    remedy: 'Replace the link by a directory.',
    severity: 'error',
    isFatal: true,
  },
  'orphan-images': {
    title: 'An images directory belongs to no project',
    cause:
      'There is no `manifests/<name>/promoter-manifest.yaml` for this `images/<name>`, so its images are never promoted.',
    remedy: 'Add the promoter manifest or delete the directory.',
    severity: 'warning',
    isFatal: false,
  },
  'project-name-invalid': {
    title: 'A project name cannot be used',
    cause:
      'Project names are directory names and Nx project names: letters, digits, `.`, `_`, `-`, beginning with a letter or digit, at most 128.',
    remedy: 'Rename the directories below `manifests` and `images`.',
    severity: 'error',
    isFatal: true,
  },
  'unknown-project': {
    title: 'The tree has no such project',
    cause: 'A project was asked for by name, and no `manifests/<project>` has it.',
    remedy: 'Correct the name.',
    severity: 'error',
    isFatal: true,
  },
} as const satisfies Record<string, FindingExplanation>;
