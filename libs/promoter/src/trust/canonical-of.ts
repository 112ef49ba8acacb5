// SPDX-License-Identifier: Apache-2.0
import type { LoadedWorkspace } from '../load-workspace.ts';
import { type CanonicalRepositories, canonicalRepositories } from './canonical-repositories.ts';

type Signed = Pick<LoadedWorkspace, 'config' | 'everyEdge'>;

/** A build graph asks for each project of one workspace: what follows from the whole tree is found once. */
const known = new WeakMap<Signed, CanonicalRepositories>();

/** Where the digests of a workspace are signed; null where it does not sign. Needs nothing of what signs. */
export function canonicalOf(workspace: Signed): CanonicalRepositories | null {
  const { config, everyEdge } = workspace;
  if (config.signing === null) return null;
  const canonical = known.get(workspace) ?? canonicalRepositories(everyEdge, config.signing);
  known.set(workspace, canonical);
  return canonical;
}
