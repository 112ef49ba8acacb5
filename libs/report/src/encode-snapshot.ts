// SPDX-License-Identifier: Apache-2.0
import { type Digest, parseDigest } from '@promograph/oci';
import { compareText, type ForeignClaim, type Observations, type RepositoryObservation } from '@promograph/plan';
import { type ArtifactInputs, FORMAT_VERSION } from './artifact-parts.ts';
import { printJson } from './print-json.ts';
import type { SnapshotArtifact, SnapshotRepository } from './snapshot-artifact.ts';

/** What a snapshot artifact is made of. */
export interface SnapshotContent {
  readonly project: string;
  readonly inputs: ArtifactInputs;
  readonly claims: readonly ForeignClaim[];
  /** As read; run `stripUnnamed` first, or unrelated changes of a registry will change the artifact. */
  readonly observations: Observations;
}

/** The artifact, with every key in order. */
export function encodeSnapshot(content: SnapshotContent): SnapshotArtifact {
  return {
    formatVersion: FORMAT_VERSION,
    project: content.project,
    inputs: content.inputs,
    claims: content.claims.map(({ destination, tag, digest, project, at }) => ({
      destination,
      tag,
      digest,
      project,
      at,
    })),
    repositories: record(content.observations, encodeRepository),
  };
}

/** What `planProject` needs of a snapshot artifact. Error: `OCI_INVALID_DIGEST`, for an artifact nobody validated. */
export function decodeSnapshot(artifact: SnapshotArtifact): {
  readonly observations: Observations;
  readonly claims: readonly ForeignClaim[];
} {
  const repositories = Object.entries(artifact.repositories);
  return {
    observations: new Map(repositories.map(([name, repository]) => [name, decodeRepository(repository)])),
    claims: artifact.claims.map((claim) => ({ ...claim, digest: parseDigest(claim.digest) })),
  };
}

/** `snapshot.json` as bytes go to disk. */
export function printSnapshotArtifact(artifact: SnapshotArtifact): string {
  return printJson(artifact);
}

function encodeRepository(observation: RepositoryObservation): SnapshotRepository {
  const { state, failure } = observation;
  const content = { state, tags: record(observation.tags, same), digests: record(observation.digests, same) };
  if (failure === undefined) return content;
  return { ...content, failure: { code: failure.code, message: failure.message } };
}

function decodeRepository(repository: SnapshotRepository): RepositoryObservation {
  const { state, failure } = repository;
  const tags = Object.entries(repository.tags).map(([tag, digest]) => [tag, parseDigest(digest)] as const);
  const digests = Object.entries(repository.digests).map(([digest, type]) => [parseDigest(digest), type] as const);
  const observation = { state, tags: new Map<string, Digest>(tags), digests: new Map<Digest, string>(digests) };
  return failure === undefined ? observation : { ...observation, failure };
}

/** `fromEntries` defines keys instead of assigning them: `__proto__` is a tag like any other. */
function record<Value, Encoded>(
  map: ReadonlyMap<string, Value>,
  encode: (value: Value) => Encoded,
): Record<string, Encoded> {
  const sorted = [...map].toSorted((left, right) => compareText(left[0], right[0]));
  return Object.fromEntries(sorted.map(([key, value]) => [key, encode(value)]));
}

function same(text: string): string {
  return text;
}
