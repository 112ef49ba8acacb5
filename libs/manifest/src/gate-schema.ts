// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { duration, serviceUrl, signerSchema } from './setting-parts.ts';

/** Names of severities in their order: 0 is `UNKNOWN`, 5 is `CRITICAL`. */
export const SEVERITIES = ['UNKNOWN', 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;

/** Schema of `staging:`. */
export const stagingSchema = z
  .strictObject({
    signatures: z.enum(['off', 'if-present', 'require']).exactOptional().meta({
      description:
        'Signatures of the source: `if-present` refuses only what fails, `require` everything without a verified one. Default `if-present` where identities are named, else `off`.',
    }),
    identities: z.array(signerSchema).exactOptional().meta({
      description:
        'Whose signatures count; what they signed in the `.sig` layout goes along when the image is signed. Default: nobody.',
    }),
  })
  .meta({ description: 'The gate on signatures of the source.' });

const threshold = z.union([z.enum(SEVERITIES), z.int().min(0).max(5)], {
  error: `must be ${SEVERITIES.join(', ')} or a number from 0 to 5`,
});

/** Schema of `scan:`. */
export const scanSchema = z
  .strictObject({
    adapter: z.enum(['attestations', 'containeranalysis']).meta({
      description:
        'Where findings come from: attestations attached to the image, or Google Container Analysis. Required.',
    }),
    threshold: threshold.exactOptional().meta({
      description:
        'Lowest severity that refuses, by name or number (0 UNKNOWN to 5 CRITICAL; 0 refuses any finding). Default HIGH.',
    }),
    fixableOnly: z.boolean().exactOptional().meta({ description: 'Count only what has a fix. Default false.' }),
    maxAge: duration
      .exactOptional()
      .meta({ description: 'Oldest attestation that counts: a whole number with s, m, h or d. Default 7d.' }),
    identities: z
      .array(signerSchema)
      .exactOptional()
      .meta({ description: 'Who may attest to scans; required for `adapter: attestations`.' }),
    endpoint: serviceUrl
      .exactOptional()
      .meta({ description: 'Other address of Container Analysis. Default: the public one.' }),
    require: z.boolean().exactOptional().meta({
      description: 'Refuse an image without a finished scan. Default true; with false it is told and passes.',
    }),
  })
  .meta({ description: 'The gate on vulnerabilities. Without it nothing is scanned.' });
