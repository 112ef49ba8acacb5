// SPDX-License-Identifier: Apache-2.0
import type { PromographConfig, Project } from '@promograph/manifest';

/** Whether anything is asked before an edge is written: signatures, provenance of any project of the tree, or a scanner. */
export function hasGate({ staging, scan }: PromographConfig, projects: readonly Project[]): boolean {
  const hasPolicy = projects.some(({ provenance }) => provenance !== null && provenance.mode !== 'off');
  return staging.signatures !== 'off' || hasPolicy || scan !== null;
}
