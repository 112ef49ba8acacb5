// SPDX-License-Identifier: Apache-2.0
import { PromographError } from '@promograph/errors';

/** What stops reading altogether; everything about the content of files is a finding instead. */
export type ManifestErrorCode = 'MANIFEST_ROOT_UNREADABLE' | 'MANIFEST_FILE_UNREADABLE' | 'MANIFEST_THIN_FILE';

/** The named tree root or file cannot be read, or is not of the kind that was named. */
export class ManifestError extends PromographError<ManifestErrorCode> {}
