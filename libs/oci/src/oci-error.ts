// SPDX-License-Identifier: Apache-2.0
import { PromographError } from '@promograph/errors';

/** Everything that can be wrong with a name, digest or document of the OCI specifications. */
export type OciErrorCode =
  | 'OCI_INVALID_DIGEST'
  | 'OCI_INVALID_TAG'
  | 'OCI_INVALID_REPOSITORY'
  | 'OCI_INVALID_HOST'
  | 'OCI_INVALID_REFERENCE'
  | 'OCI_INVALID_MANIFEST'
  | 'OCI_UNSUPPORTED_MEDIA_TYPE';

/** A value that does not follow the OCI grammar, or a manifest document that cannot be trusted. */
export class OciError extends PromographError<OciErrorCode> {}
