// SPDX-License-Identifier: Apache-2.0
import type { ArtifactInputs } from '@promograph/report';
import type { LoadedWorkspace } from './load-workspace.ts';

/** sha256 (hex) of every file that a project's artifacts are made from; null where there is no such file. */
export function inputsOf(workspace: LoadedWorkspace, project: string): ArtifactInputs {
  const found = workspace.tree.projects.find(({ name }) => name === project);
  return {
    manifest: found?.manifestSha256 ?? '',
    images: found?.imagesSha256 ?? '',
    config: workspace.config.sha256,
    baseline: workspace.baseline.sha256,
  };
}
