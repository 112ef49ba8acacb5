// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { countSchema, digestSchema, formatVersionSchema, repositorySchema } from './artifact-parts.ts';
import { reportedVerdictSchema, type ReportedVerdict } from './trust-verdict.ts';

/** What is wrong with a promoted image. */
export type VerifyFindingKind =
  | 'missing'
  | 'unsigned'
  | 'foreign-signer'
  | 'wrong-subject'
  | 'wrong-reference'
  | 'no-record'
  | 'stale-policy'
  | 'tampered'
  | 'unreadable';

/** One finding about one digest of one repository. */
export interface VerifyFinding {
  readonly kind: VerifyFindingKind;
  readonly repository: string;
  readonly digest: string;
  readonly tags: readonly string[];
  readonly reference?: string;
  /** Digest of the promoted index that names it, where it is not promoted for itself. */
  readonly index?: string;
  readonly message: string;
  readonly evidence?: readonly ReportedVerdict[];
  /** True when `--confirm` mended it. */
  readonly healed?: true;
}

/** An image that was looked at. */
export interface VerifiedImage {
  readonly repository: string;
  readonly digest: string;
  readonly reference: string;
  /** A ready `cosign verify` command line. */
  readonly cosign: string;
}

/** `verify --output json`. */
export interface VerifyReport {
  readonly formatVersion: string;
  readonly summary: {
    readonly images: number;
    readonly verified: number;
    readonly findings: number;
    readonly healed: number;
  };
  readonly images: readonly VerifiedImage[];
  readonly findings: readonly VerifyFinding[];
}

/** Schema of `VerifyReport`; it lets fields of newer minor versions through. */
export const verifyReportSchema: z.ZodType<VerifyReport> = z
  .object({
    formatVersion: formatVersionSchema,
    summary: z.object({ images: countSchema, verified: countSchema, findings: countSchema, healed: countSchema }),
    images: z.array(
      z.object({ repository: repositorySchema, digest: digestSchema, reference: z.string(), cosign: z.string() }),
    ),
    findings: z.array(
      z.object({
        kind: z.enum([
          'missing',
          'unsigned',
          'foreign-signer',
          'wrong-subject',
          'wrong-reference',
          'no-record',
          'stale-policy',
          'tampered',
          'unreadable',
        ]),
        repository: repositorySchema,
        digest: digestSchema,
        tags: z.array(z.string()),
        reference: z.exactOptional(z.string()),
        index: z.exactOptional(digestSchema),
        message: z.string(),
        evidence: z.exactOptional(z.array(reportedVerdictSchema)),
        healed: z.exactOptional(z.literal(true)),
      }),
    ),
  })
  .meta({ title: 'promograph verify' });
