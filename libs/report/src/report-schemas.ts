// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { planReportSchema } from './plan-artifact.ts';
import { promoteReceiptSchema, promoteRunSchema } from './receipt.ts';
import { replicateReportSchema } from './replicate-report.ts';
import { trustReceiptSchema } from './sign-receipt.ts';
import { verifyReportSchema } from './verify-report.ts';
import { snapshotArtifactSchema } from './snapshot-artifact.ts';
import { validateReportSchema } from './validate-artifact.ts';

/** A JSON Schema document. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Artifacts that have a published schema. */
export type ArtifactName =
  'snapshot' | 'plan' | 'validate' | 'promote' | 'promote-run' | 'sign' | 'attest' | 'verify' | 'replicate';

/** Runtime schema of each artifact. */
const ARTIFACT_SCHEMAS: Readonly<Record<ArtifactName, z.ZodType>> = {
  snapshot: snapshotArtifactSchema,
  plan: planReportSchema,
  validate: validateReportSchema,
  promote: promoteReceiptSchema,
  'promote-run': promoteRunSchema,
  sign: trustReceiptSchema,
  attest: trustReceiptSchema,
  verify: verifyReportSchema,
  replicate: replicateReportSchema,
};

/** JSON Schema (draft-07, which editors understand) of each artifact. Unknown fields are allowed: newer minors add some. */
export function reportSchemas(): Readonly<Record<ArtifactName, JsonSchema>> {
  const print = (name: ArtifactName): JsonSchema =>
    z.toJSONSchema(ARTIFACT_SCHEMAS[name], { target: 'draft-7', io: 'input' });
  return {
    snapshot: print('snapshot'),
    plan: print('plan'),
    validate: print('validate'),
    promote: print('promote'),
    'promote-run': print('promote-run'),
    sign: print('sign'),
    attest: print('attest'),
    verify: print('verify'),
    replicate: print('replicate'),
  };
}
