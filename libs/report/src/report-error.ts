// SPDX-License-Identifier: Apache-2.0
import { PromographError } from '@promograph/errors';

/** `REPORT_INVALID_ARTIFACT`: not the JSON it should be. `REPORT_FORMAT_VERSION`: written by a newer major version. */
export type ReportErrorCode = 'REPORT_INVALID_ARTIFACT' | 'REPORT_FORMAT_VERSION';

/** An artifact file that cannot be used. */
export class ReportError extends PromographError<ReportErrorCode> {}
