// SPDX-License-Identifier: Apache-2.0
import type { ManifestErrorCode } from '@promograph/manifest';
import type { OciErrorCode } from '@promograph/oci';
import type { CliErrorCode } from '../cli-error.ts';
import type { ErrorExplanation } from './error-explanation.ts';

/** Errors of the command line. */
export const CLI_ERRORS: Readonly<Record<CliErrorCode, ErrorExplanation>> = {
  CLI_USAGE: {
    outcome: 'input',
    title: 'The command line cannot be understood',
    cause:
      'A command, flag, argument or PROMOGRAPH_ variable is unknown, missing, contradictory or has an invalid value.',
    remedy: 'Look at `promograph <command> --help`.',
  },
  CLI_NOT_AVAILABLE: {
    outcome: 'unavailable',
    title: 'The command line asks for something that is not configured',
    cause:
      'It would sign, or write summaries, and promograph.yaml does not say who does: there is no default identity.',
    remedy: 'Set what the hint beside the message names, or tell it not to sign (`cip --sign=false`).',
  },
  CLI_UNKNOWN_CODE: {
    outcome: 'input',
    title: 'The code is not known',
    cause: '`explain` was given no code of a finding, of a refusal or of an error.',
    remedy: 'Run `promograph explain` without a code for the list.',
  },
  CLI_UNKNOWN_SCHEMA: {
    outcome: 'input',
    title: 'The schema is not known',
    cause: '`schema` was given no name of a schema.',
    remedy: 'Run `promograph schema` without a name for the list.',
  },
  CLI_FILE: {
    outcome: 'input',
    title: 'A file named on the command line cannot be read or written',
    cause: 'It is missing, is not a file, or permissions forbid it.',
    remedy: 'Check the path, which is relative to the current directory.',
  },
};

/** Errors of names and documents that follow the OCI specifications. */
export const OCI_ERRORS: Readonly<Record<OciErrorCode, ErrorExplanation>> = {
  OCI_INVALID_DIGEST: {
    outcome: 'input',
    title: 'The text is not a digest',
    cause: 'A digest is `sha256:` with 64, or `sha512:` with 128, lower-case hexadecimal digits.',
    remedy: 'Copy the whole digest as the registry prints it.',
  },
  OCI_INVALID_TAG: {
    outcome: 'input',
    title: 'The text is not a tag',
    cause:
      'A tag starts with a letter, digit or underscore, holds letters, digits, `_`, `.` and `-`, and is at most 128 long.',
    remedy: 'Correct the tag.',
  },
  OCI_INVALID_REPOSITORY: {
    outcome: 'input',
    title: 'The text is not a repository',
    cause: 'A repository is `host/path`, the path in lower case with single separators and at most 255 characters.',
    remedy: 'Write host and path, without a scheme, tag or trailing slash.',
  },
  OCI_INVALID_HOST: {
    outcome: 'input',
    title: 'The text is not a registry host',
    cause: 'A host is a name or an address with an optional port, without a scheme.',
    remedy: 'Write it as `registry.example.org` or `registry.example.org:5000`.',
  },
  OCI_INVALID_REFERENCE: {
    outcome: 'input',
    title: 'The text is not an image reference',
    cause: 'A reference is `host/path`, with `:tag`, with `@digest`, or with both.',
    remedy: 'Correct the reference; there is no default host and no default tag.',
  },
  OCI_INVALID_MANIFEST: {
    outcome: 'outside',
    title: 'A registry holds a manifest that cannot be trusted',
    cause: 'The document is no JSON, contradicts its media type, or could be read in two ways.',
    remedy: 'Build and push the image again; it is not promoted as it is.',
  },
  OCI_UNSUPPORTED_MEDIA_TYPE: {
    outcome: 'refused',
    title: 'A manifest has a media type that cannot be copied whole',
    cause: 'Only Docker and OCI image manifests and indexes are promoted.',
    remedy: 'Push the artifact as an OCI image manifest.',
  },
};

/** Errors of reading a tree at all; what is wrong inside its files is a finding. */
export const MANIFEST_ERRORS: Readonly<Record<ManifestErrorCode, ErrorExplanation>> = {
  MANIFEST_ROOT_UNREADABLE: {
    outcome: 'input',
    title: 'The promotion tree cannot be read',
    cause: 'The directory, or `manifests` or `images` in it, is missing, is no directory, or permissions forbid it.',
    remedy: 'Check the path given with --manifests.',
  },
  MANIFEST_FILE_UNREADABLE: {
    outcome: 'input',
    title: 'A file that was named cannot be read',
    cause: 'It is missing, is not a regular file, or permissions forbid it.',
    remedy: 'Check the path given with --manifest, --config or --baseline, and who may read it.',
  },
  MANIFEST_THIN_FILE: {
    outcome: 'input',
    title: 'The file is the manifest of a tree, not a plain manifest',
    cause: 'A plain manifest names registries and images; this one has its images in `images/<project>/images.yaml`.',
    remedy: 'Name the tree with --manifests and the project with --project, as the hint does.',
  },
};
