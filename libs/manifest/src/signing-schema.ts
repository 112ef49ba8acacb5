// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { filePath, filledText, identitySchema, registryPrefix, serviceUrl, signerSchema } from './setting-parts.ts';

const referenceRule = z.strictObject({
  contains: z
    .string()
    .regex(/^[^/\s](?:\S*[^/\s])?$/, 'must be text that neither begins nor ends with a slash')
    .meta({ description: 'Part of a canonical repository; all up to its end is replaced.' }),
  to: registryPrefix.meta({ description: 'What takes its place: `host` or `host/path`.' }),
});

const tuf = z.strictObject({
  mirror: serviceUrl.meta({ description: 'Address of the repository.' }),
  root: filePath.meta({ description: 'Its first root.json, which is trusted, relative to this file.' }),
});

const fields = {
  identity: identitySchema
    .exactOptional()
    .meta({ description: 'Who signs: the certificate must say exactly this. No default; either this or `key`.' }),
  previousIdentities: z
    .array(signerSchema)
    .exactOptional()
    .meta({ description: 'Signers that are still accepted on what is already signed. Default: none.' }),
  token: z
    .enum(['github', 'env', 'file', 'metadata', 'impersonate'])
    .exactOptional()
    .meta({ description: 'Where identity tokens come from; exactly one source is asked. Required with `identity`.' }),
  tokenFile: filePath
    .exactOptional()
    .meta({ description: 'File with the token, for `token: file`. Default /var/run/sigstore/cosign/oidc-token.' }),
  account: filledText.exactOptional().meta({
    description: 'Service account to impersonate, for `token: impersonate`. There is no other it falls back to.',
  }),
  key: filePath.exactOptional().meta({
    description:
      "Private key instead of an identity: PEM or cosign's encrypted key file, relative to this file. Its password comes from COSIGN_PASSWORD.",
  }),
  publicKey: filePath.exactOptional().meta({
    description:
      'Public key (PEM) of `key`, relative to this file: with it nothing but signing needs the private key. Default: derived from `key`.',
  }),
  canonical: registryPrefix.meta({
    description:
      'Prefix of the destinations that hold signatures; every project needs a destination at or below it. Required.',
  }),
  references: z.array(referenceRule).exactOptional().meta({
    description:
      'Rewrites of canonical repositories into the names that users pull; the first that fits counts. Default: none, the canonical name is signed.',
  }),
  formats: z
    .array(z.enum(['legacy', 'bundle']))
    .min(1, 'must name legacy, bundle or both')
    .exactOptional()
    .meta({
      description:
        'Layouts of signatures: `legacy` is the `.sig` tag, `bundle` a referrer. Default: both, less `legacy` where the log is Rekor v2.',
    }),
  config: filePath
    .exactOptional()
    .meta({ description: 'Sigstore signing config, which names the services. Default: that of the TUF repository.' }),
  trustedRoots: z
    .array(filePath)
    .exactOptional()
    .meta({ description: 'Sigstore trusted roots. Default: that of the TUF repository.' }),
  tuf: tuf.exactOptional().meta({ description: 'TUF repository of the services. Default: the public good one.' }),
  tagless: z.boolean().exactOptional().meta({ description: 'Sign digests without a tag too. Default true.' }),
  concurrency: z
    .int()
    .min(1)
    .max(1024)
    .exactOptional()
    .meta({ description: 'Digests that are signed, or attested, at once. Default 50.' }),
};

/** Schema of `signing:`; which keys go together is judged by `noteTrustProblems`. */
export const signingSchema = z.strictObject(fields).meta({ description: 'Signing. Without it nothing is signed.' });
