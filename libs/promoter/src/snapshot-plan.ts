// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import { decodeSnapshot, readSnapshotArtifact, type SnapshotArtifact } from '@promograph/report';
import { type LivePlan, planOfSnapshot } from './live-plan.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import { sha256Of } from './sha256-of.ts';
import { inputsOf } from './snapshot-inputs.ts';
import { artifactPath, readArtifact } from './state-dir.ts';

/** The plan of one project, and the snapshot that it follows from. */
export interface SnapshotPlan extends LivePlan {
  readonly artifact: SnapshotArtifact;
  /** Of the file, in hexadecimal digits. */
  readonly sha256: string;
}

/** Plans a project from its `snapshot.json`; null where there is none. Errors: those of an artifact that cannot be read. */
export function readSnapshotPlan(workspace: LoadedWorkspace, project: string): SnapshotPlan | null {
  const text = readArtifact(artifactPath(workspace.stateDir, project, 'snapshot.json'));
  if (text === null) return null;
  const artifact = readSnapshotArtifact(text);
  const snapshot = decodeSnapshot(artifact);
  const plan = planOfSnapshot(workspace, project, snapshot);
  return { plans: [plan], observations: snapshot.observations, artifact, sha256: sha256Of(text) };
}

/** The same for several projects, as one; null unless each has a snapshot that was made from the files as they are now. */
export function knownPlan(workspace: LoadedWorkspace, projects: readonly string[]): LivePlan | null {
  const found = projects.flatMap((project) => readSnapshotPlan(workspace, project) ?? []);
  const isCurrent = ({ artifact }: SnapshotPlan): boolean =>
    isDeepStrictEqual(artifact.inputs, inputsOf(workspace, artifact.project));
  if (found.length < projects.length || !found.every(isCurrent)) return null;
  return {
    plans: found.flatMap(({ plans }) => plans),
    observations: new Map(found.flatMap(({ observations }) => [...observations])),
  };
}
