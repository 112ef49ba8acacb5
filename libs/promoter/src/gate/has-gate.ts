// SPDX-License-Identifier: Apache-2.0
import type { PromographConfig, Tree } from '@promograph/manifest';
import { unreadPolicies } from './unread-policies.ts';

/** Whether anything is asked before an edge is written: signatures, provenance of any project of the tree, or a scanner. */
export function hasGate({ staging, scan }: PromographConfig, tree: Tree): boolean {
  const hasPolicy = tree.projects.some(({ provenance }) => provenance !== null && provenance.mode !== 'off');
  return staging.signatures !== 'off' || hasPolicy || scan !== null || unreadPolicies(tree).length > 0;
}
