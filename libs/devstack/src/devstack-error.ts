// SPDX-License-Identifier: Apache-2.0
import { PromographError } from '@promograph/errors';

/** Everything that can stop a part of the devstack from doing its work. */
export type DevstackErrorCode =
  'DEVSTACK_PORT_TAKEN' | 'DEVSTACK_PUSH_FAILED' | 'DEVSTACK_TREE_INVALID' | 'DEVSTACK_OPTION_INVALID';

/** A part of the devstack that cannot start or finish, in one line fit for a terminal. */
export class DevstackError extends PromographError<DevstackErrorCode> {}
