// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { filledText, identitySchema } from './setting-parts.ts';

/** Type of the promotion record where none is configured: it names the schema of the fields. */
export const DEFAULT_PREDICATE_TYPE = 'https://k8s.io/promo-tools/promotion/v1';

const uri = filledText.regex(/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/, 'must be a URI');

/** Schema of `attest:`. */
export const attestSchema = z
  .strictObject({
    predicateType: uri
      .exactOptional()
      .meta({ description: `Predicate type of the promotion record. Default ${DEFAULT_PREDICATE_TYPE}.` }),
    verifierId: uri.exactOptional().meta({
      description: '`verifier.id` of verification summaries. No default: without it no summaries are written.',
    }),
    summaries: z
      .enum(['off', 'on'])
      .exactOptional()
      .meta({ description: 'Write verification summaries. Default off; `on` needs `verifierId`.' }),
    identity: identitySchema.exactOptional().meta({
      description: 'Another signer for summaries, with `token: impersonate`. Default: the signer of `signing`.',
    }),
    account: filledText
      .exactOptional()
      .meta({ description: 'Service account of that signer, with `token: impersonate`.' }),
  })
  .meta({ description: 'What is said about a promotion.' });

/** Schema of `replicate:`. */
export const replicateSchema = z
  .strictObject({
    referrers: z
      .boolean()
      .exactOptional()
      .meta({ description: 'Copy bundle referrers too, beside the `.sig` and `.att` tags. Default true.' }),
    concurrency: z
      .int()
      .min(1)
      .max(1024)
      .exactOptional()
      .meta({ description: 'Copies in flight at once. Default 50.' }),
  })
  .meta({
    description:
      'Copying of signatures to the other destinations. Without it nothing is replicated by the build graph.',
  });
