// SPDX-License-Identifier: Apache-2.0
import type { Project, PromographConfig, Tree } from '@promograph/manifest';
import { unreadPolicies } from './unread-policies.ts';

/** Whether anything is asked before an edge is written: signatures, provenance of any project of the tree, or a scanner. */
export function hasGate({ staging, scan }: PromographConfig, tree: Tree): boolean {
  return staging.signatures !== 'off' || hasPolicy(tree.projects) || scan !== null || unreadPolicies(tree).length > 0;
}

/** Whether a policy is enforced, or only to warn, anywhere in the tree. */
export function hasPolicy(projects: readonly Project[]): boolean {
  return projects.some(({ provenance }) => provenance !== null && provenance.mode !== 'off');
}
