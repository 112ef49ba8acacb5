// SPDX-License-Identifier: Apache-2.0
import type { FindingExplanation } from './finding-codes.ts';

/** Codes about registries and images. */
export const MANIFEST_CODES = {
  'empty-registries': {
    title: 'A manifest names no registry',
    cause: '`registries` is an empty list.',
    remedy: 'Name the source (`src: true`) and the destinations.',
    severity: 'error',
    isFatal: true,
  },
  'invalid-registry': {
    title: 'A registry name is malformed',
    cause: 'A registry is `host` or `host/prefix` in lower case, without a scheme, a tag or a trailing slash.',
    remedy: 'Correct the name, for instance `registry.example.org/team`.',
    severity: 'error',
    isFatal: true,
  },
  'source-missing': {
    title: 'A manifest has no source registry',
    cause: 'No registry entry says `src: true`.',
    remedy: 'Mark the registry that images are promoted from.',
    severity: 'error',
    isFatal: true,
  },
  'source-repeated': {
    title: 'A manifest has more than one source registry',
    cause: 'A second entry says `src: true`; older tools made a destination of it silently.',
    remedy: 'Keep one source per manifest; split the project otherwise.',
    severity: 'error',
    isFatal: true,
  },
  'no-destination': {
    title: 'A manifest has no destination',
    cause: 'The source is the only registry, so nothing can be promoted.',
    remedy: 'Add a destination registry.',
    severity: 'warning',
    isFatal: false,
  },
  'duplicate-destination': {
    title: 'A destination is named twice',
    cause: 'The same registry stands in two entries of one manifest.',
    remedy: 'Delete one of them.',
    severity: 'error',
    isFatal: false,
  },
  'destination-is-source': {
    title: 'A destination is the source itself',
    cause: 'The registry is named with `src: true` and again without.',
    remedy: 'Delete the destination entry.',
    severity: 'error',
    isFatal: false,
  },
  'invalid-image-name': {
    title: 'An image name is malformed',
    cause:
      'Image names are repository paths: lower-case letters, digits and single separators, components divided by `/`.',
    remedy: 'Correct the name; it is relative to the registry, without host and tag.',
    severity: 'error',
    isFatal: false,
  },
  'repeated-image-name': {
    title: 'An image name occurs again in the same file',
    cause: 'The entries are promoted together, but tools that key by name lose all but one of them.',
    remedy: 'Merge the entries.',
    severity: 'warning',
    isFatal: false,
  },
  'repository-too-long': {
    title: 'A repository path is too long',
    cause: 'Registry prefix and image name together exceed 255 characters, which registries refuse.',
    remedy: 'Shorten the image name or the prefix.',
    severity: 'error',
    isFatal: false,
  },
  'empty-dmap': {
    title: 'An image names no digest',
    cause: '`dmap` is missing or empty.',
    remedy: 'Add a digest or delete the image.',
    severity: 'error',
    isFatal: false,
  },
  'invalid-digest': {
    title: 'A digest is malformed',
    cause:
      'A digest is `sha256:` and 64 lower-case hexadecimal digits (or `sha512:` and 128). Only this entry is dropped.',
    remedy: 'Correct the digest, or accept it in promograph-baseline.yaml if the image is gone.',
    severity: 'error',
    isFatal: false,
  },
  'invalid-tag': {
    title: 'A tag is malformed',
    cause:
      'A tag begins with a letter, digit or `_` and has up to 128 letters, digits, `_`, `.`, `-`. Only this tag is dropped.',
    remedy: 'Correct the tag.',
    severity: 'error',
    isFatal: false,
  },
  'repeated-tag': {
    title: 'A tag is listed twice for one digest',
    cause: 'The second mention has no effect.',
    remedy: 'Delete it.',
    severity: 'warning',
    isFatal: false,
  },
  overlap: {
    title: 'Several digests claim one destination and tag',
    cause:
      'Two entries, maybe of different projects, give the same tag of one destination repository to different digests.',
    remedy: 'Give each digest a tag of its own; none of them is promoted until then.',
    severity: 'error',
    isFatal: false,
  },
  'lost-image': {
    title: 'An image of the manifest is gone',
    cause:
      'The digest is neither at the source nor at the destination, often because the staging registry expires images.',
    remedy: 'Push the image again, delete the entry, or acknowledge it in promograph-baseline.yaml.',
    severity: 'warning',
    isFatal: false,
  },
} as const satisfies Record<string, FindingExplanation>;
