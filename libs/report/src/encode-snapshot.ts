// SPDX-License-Identifier: Apache-2.0
import { type Digest, parseDigest } from '@promograph/oci';
import { compareText, type ForeignClaim, type Observations, type RepositoryObservation } from '@promograph/plan';
import { type ArtifactInputs, FORMAT_VERSION } from './artifact-parts.ts';
import type { PlanGate } from './plan-gate.ts';
import { printJson } from './print-json.ts';
import type { SnapshotArtifact, SnapshotRepository, SourceEvidence } from './snapshot-artifact.ts';

/** What a snapshot artifact is made of. */
export interface SnapshotContent {
  readonly project: string;
  readonly inputs: ArtifactInputs;
  readonly claims: readonly ForeignClaim[];
  /** As read; run `stripUnnamed` first, or unrelated changes of a registry will change the artifact. */
  readonly observations: Observations;
  readonly gate?: PlanGate;
  /** Sorted by source and digest; left out where no gate is configured. */
  readonly evidence?: readonly SourceEvidence[];
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
    ...(content.gate !== undefined && { gate: content.gate }),
    ...(content.evidence !== undefined && { evidence: content.evidence }),
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

/**
 * `snapshot.json` as bytes go to disk: the artifact as indented JSON. It is written without making the artifact first, as an
 * object with ten thousands of digests for keys costs more than all the rest of a plan.
 */
export function printSnapshotArtifact(content: SnapshotContent): string {
  const head = printJson(encodeSnapshot({ ...content, observations: NOTHING }));
  const [before = '', after = ''] = head.split('"repositories": {}');
  return `${before}"repositories": ${printMap(content.observations, '  ', printRepository)}${after}`;
}

const NOTHING: Observations = new Map();

function printRepository({ state, tags, digests, failure }: RepositoryObservation): string {
  const members = [
    `"state": ${JSON.stringify(state)}`,
    `"tags": ${printMap(tags, '      ', JSON.stringify)}`,
    `"digests": ${printMap(digests, '      ', JSON.stringify)}`,
  ];
  if (failure !== undefined) {
    const { code, message } = failure;
    members.push(`"failure": ${JSON.stringify({ code, message }, null, 2).replaceAll('\n', '\n      ')}`);
  }
  return `{\n      ${members.join(',\n      ')}\n    }`;
}

function printMap<Value>(map: ReadonlyMap<string, Value>, indent: string, print: (value: Value) => string): string {
  if (map.size === 0) return '{}';
  const lines: string[] = [];
  for (const key of [...map.keys()].sort()) {
    const value = map.get(key);
    if (value !== undefined) lines.push(`${indent}  ${JSON.stringify(key)}: ${print(value)}`);
  }
  return `{\n${lines.join(',\n')}\n${indent}}`;
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
