// SPDX-License-Identifier: Apache-2.0
import { loadWorkspace } from './load-workspace.ts';
import type { Session, SessionOptions } from './session.ts';
import { TreeSession } from './tree-session.ts';

/** Finds and reads the tree, its configuration and baseline. Connects to nothing until a stage needs it. */
export async function openSession(options: SessionOptions): Promise<Session> {
  return new TreeSession(await loadWorkspace(options), options);
}
