// SPDX-License-Identifier: Apache-2.0
import type { Closure } from '@promograph/registry';
import type { WorkGroup } from '../work-group.ts';

/** Signing and attesting, as a group of edges sees it. */
export interface GroupTrust {
  /** Whether digests without a tag are signed as well. */
  readonly signsTagless: boolean;
  /** Repository that holds the signatures of the group's digest. */
  canonicalOf(group: WorkGroup): string;
  /** Signs and, if the run goes that far, attests. Rejects where that fails: then nothing of the group becomes public. */
  ensure(group: WorkGroup, closure: Closure): Promise<void>;
}
