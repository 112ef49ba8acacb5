// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/** Version of every artifact: a minor step adds fields, a major step changes the meaning of one. */
export const FORMAT_VERSION = '1.0';

/** sha256 (64 hexadecimal digits) of each file that an artifact was made from; null where there is no such file. */
export interface ArtifactInputs {
  readonly manifest: string;
  readonly images: string;
  readonly config: string | null;
  readonly baseline: string | null;
  /** The snapshot artifact, for what was made from one. */
  readonly snapshot?: string;
  /** The plan artifact, for what was made from one. */
  readonly plan?: string;
  /** The files that name signing services, trusted roots and keys, by their path as configured. */
  readonly signing?: Readonly<Record<string, string>>;
  /** The manifests of other projects whose policies may apply, by project. */
  readonly policies?: Readonly<Record<string, string>>;
}

/** Any version of this major. */
export const formatVersionSchema: z.ZodType<string> = z
  .string()
  .regex(/^1\.\d+$/)
  .describe('major.minor; a new minor version only adds fields');

/** A digest as the OCI specifications write it. */
export const digestSchema: z.ZodType<string> = z
  .string()
  .regex(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/)
  .describe('algorithm and lower-case hexadecimal digits');

/** `host/path`. */
export const repositorySchema: z.ZodType<string> = z.string().min(1).describe('registry host and path: host/path');

/** A place in a file of the tree. */
export const positionSchema: z.ZodType<string> = z
  .string()
  .regex(/:\d+:\d+$/)
  .describe('file:line:column, the file relative to the tree root');

/** A tag, or null for a digest that is promoted without one. */
export const tagSchema: z.ZodType<string | null> = z.string().min(1).nullable();

/** A count of edges, bytes, blobs or milliseconds. */
export const countSchema: z.ZodType<number> = z.number().int().nonnegative();

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** Schema of `ArtifactInputs`. */
export const inputsSchema: z.ZodType<ArtifactInputs> = z
  .object({
    manifest: sha256Schema,
    images: sha256Schema,
    config: sha256Schema.nullable(),
    baseline: sha256Schema.nullable(),
    snapshot: z.exactOptional(sha256Schema),
    plan: z.exactOptional(sha256Schema),
    signing: z.exactOptional(z.record(z.string(), sha256Schema)),
    policies: z.exactOptional(z.record(z.string(), sha256Schema)),
  })
  .describe('sha256 of each file that the artifact was made from');
