// SPDX-License-Identifier: Apache-2.0
import { PromographError } from '@promograph/errors';

/** Everything that can be wrong with what a front door is told. */
export type RedirectErrorCode = 'REDIRECT_CONFIG_INVALID' | 'REDIRECT_RANGES_INVALID';

/** A configuration or a table of address ranges that cannot be used. */
export class RedirectError extends PromographError<RedirectErrorCode> {}
