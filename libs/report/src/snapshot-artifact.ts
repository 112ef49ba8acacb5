// SPDX-License-Identifier: Apache-2.0
import type { ForeignClaim } from '@promograph/plan';
import { z } from 'zod';
import {
  type ArtifactInputs,
  digestSchema,
  formatVersionSchema,
  inputsSchema,
  positionSchema,
  repositorySchema,
} from './artifact-parts.ts';
import { type PlanGate, planGateSchema } from './plan-gate.ts';

/** What a repository held of what the manifest names. */
export interface SnapshotRepository {
  readonly state: 'read' | 'absent' | 'unreadable';
  /** Tag to digest. */
  readonly tags: Readonly<Record<string, string>>;
  /** Digest to media type, `''` where the registry did not tell it. */
  readonly digests: Readonly<Record<string, string>>;
  /** Why it could not be read; only with `unreadable`. */
  readonly failure?: { readonly code: string; readonly message: string };
}

/** Digests of the manifests that held evidence about one digest when it was looked for. */
export interface EvidenceRecord {
  readonly digest: string;
  /** What the `.sig` and `.att` tags pointed to. */
  readonly sig?: string;
  readonly att?: string;
  /** Sorted. */
  readonly referrers: readonly string[];
  /** What a scanner said, where one is asked. */
  readonly scan?: RecordedScan;
}

/** Findings of a scanner; `absent` is no scan, which is not a clean one. */
export type RecordedScan =
  | {
      readonly state: 'scanned';
      readonly vulnerabilities: readonly {
        readonly id: string;
        readonly severity: 0 | 1 | 2 | 3 | 4 | 5;
        readonly fixable: boolean;
      }[];
    }
  | { readonly state: 'absent'; readonly message: string };

/** The evidence on a source digest that is due: what a validation verifies, and nothing else. */
export interface SourceEvidence extends EvidenceRecord {
  /** Repository `host/path`. */
  readonly source: string;
  /** Platform images and indexes below an index. */
  readonly children?: readonly ChildEvidence[];
}

/** The evidence on what is below an index. */
export interface ChildEvidence extends EvidenceRecord {
  /** Set where an index below the promoted one names it. */
  readonly isNested?: true;
  /** Set for an index whose images are among the children. */
  readonly isIndex?: true;
}

/** `snapshot.json`: everything a plan of one project depends on, keys sorted, no times, so equal worlds give equal bytes. */
export interface SnapshotArtifact {
  readonly formatVersion: string;
  readonly project: string;
  readonly inputs: ArtifactInputs;
  readonly claims: readonly ClaimRecord[];
  /** By `host/path`. */
  readonly repositories: Readonly<Record<string, SnapshotRepository>>;
  /** What the gate demands of the project, by the policies of the whole tree; only where something is demanded. */
  readonly gate?: PlanGate;
  /** Sorted by source and digest; only where a gate is configured. */
  readonly evidence?: readonly SourceEvidence[];
}

/** A claim of another project, as JSON: its digest is plain text. */
export type ClaimRecord = { readonly [Key in keyof ForeignClaim]: string };

const repositoryContentSchema: z.ZodType<SnapshotRepository> = z.object({
  state: z.enum(['read', 'absent', 'unreadable']),
  tags: z.record(z.string(), digestSchema),
  digests: z.record(z.string(), z.string()),
  failure: z.exactOptional(z.object({ code: z.string(), message: z.string() })),
});

const scanSchema: z.ZodType<RecordedScan> = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('scanned'),
    vulnerabilities: z.array(
      z.object({ id: z.string(), severity: z.literal([0, 1, 2, 3, 4, 5]), fixable: z.boolean() }),
    ),
  }),
  z.object({ state: z.literal('absent'), message: z.string() }),
]);

const evidenceShape = {
  digest: digestSchema,
  sig: z.exactOptional(digestSchema),
  att: z.exactOptional(digestSchema),
  referrers: z.array(digestSchema),
  scan: z.exactOptional(scanSchema),
};

const sourceEvidenceSchema: z.ZodType<SourceEvidence> = z.object({
  source: repositorySchema,
  ...evidenceShape,
  children: z.exactOptional(
    z.array(
      z.object({
        ...evidenceShape,
        isNested: z.exactOptional(z.literal(true)),
        isIndex: z.exactOptional(z.literal(true)),
      }),
    ),
  ),
});

/** Schema of `SnapshotArtifact`; it lets fields of newer minor versions through. */
export const snapshotArtifactSchema: z.ZodType<SnapshotArtifact> = z
  .object({
    formatVersion: formatVersionSchema,
    project: z.string(),
    inputs: inputsSchema,
    claims: z.array(
      z.object({
        destination: repositorySchema,
        tag: z.string().min(1),
        digest: digestSchema,
        project: z.string(),
        at: positionSchema,
      }),
    ),
    repositories: z.record(z.string(), repositoryContentSchema),
    gate: z.exactOptional(planGateSchema),
    evidence: z.exactOptional(z.array(sourceEvidenceSchema)),
  })
  .meta({ title: 'promograph snapshot' });
