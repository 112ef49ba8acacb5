// SPDX-License-Identifier: Apache-2.0
import { PromoterError } from './promoter-error.ts';
import type { Session, SessionOptions } from './session.ts';

/** Finds and reads the tree, its configuration and baseline. Connects to nothing until a stage needs it. */
export async function openSession(options: SessionOptions): Promise<Session> {
  throw new PromoterError('PROMOTER_NO_TREE', `no promotion tree at ${options.cwd}`);
}
