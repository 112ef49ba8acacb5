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

/** `snapshot.json`: everything a plan of one project depends on, keys sorted, no times, so equal worlds give equal bytes. */
export interface SnapshotArtifact {
  readonly formatVersion: string;
  readonly project: string;
  readonly inputs: ArtifactInputs;
  readonly claims: readonly ClaimRecord[];
  /** By `host/path`. */
  readonly repositories: Readonly<Record<string, SnapshotRepository>>;
}

/** A claim of another project, as JSON: its digest is plain text. */
export type ClaimRecord = { readonly [Key in keyof ForeignClaim]: string };

const repositoryContentSchema: z.ZodType<SnapshotRepository> = z.object({
  state: z.enum(['read', 'absent', 'unreadable']),
  tags: z.record(z.string(), digestSchema),
  digests: z.record(z.string(), z.string()),
  failure: z.exactOptional(z.object({ code: z.string(), message: z.string() })),
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
  })
  .meta({ title: 'promograph snapshot' });
