// SPDX-License-Identifier: Apache-2.0
import { PromographError } from '@promograph/errors';

/** What stops a whole run before or beside its edges. */
export type PromoterErrorCode =
  | 'PROMOTER_NO_TREE'
  | 'PROMOTER_UNKNOWN_PROJECT'
  | 'PROMOTER_INVALID_INPUT'
  | 'PROMOTER_NO_SNAPSHOT'
  | 'PROMOTER_LOCKED'
  | 'PROMOTER_STALE_PLAN'
  | 'PROMOTER_INVALID_PLAN'
  | 'PROMOTER_GIT'
  | 'PROMOTER_STATE'
  | 'PROMOTER_NO_CATALOG'
  | 'PROMOTER_STOPPED'
  | 'PROMOTER_HANDED_OVER'
  | 'PROMOTER_UNREADABLE';

/** A run that cannot start or go on; `hint` says what to do. */
export class PromoterError extends PromographError<PromoterErrorCode> {}
