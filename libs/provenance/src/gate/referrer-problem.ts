// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestAlgorithm, digestOf } from '@promograph/oci';
import type { BundleReferrer } from '@promograph/signing';
import { z } from 'zod';

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const TYPE_ANNOTATION = 'dev.sigstore.bundle.predicateType';
/** Digest of `{}`. */
const EMPTY_CONFIG = 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';

const manifestSchema = z.looseObject({
  mediaType: z.literal(OCI_MANIFEST),
  artifactType: z.literal(BUNDLE),
  config: z.looseObject({ digest: z.literal(EMPTY_CONFIG) }),
  layers: z.tuple([z.looseObject({ mediaType: z.literal(BUNDLE), digest: z.string() })]),
  subject: z.looseObject({ digest: z.string() }),
  annotations: z.record(z.string(), z.string()).nullish(),
});

/**
 * Why the manifest of a referrer is not exactly that of a sigstore bundle with the verified layer, attached to `subject`, or
 * null. What is carried is seen by others under our repository, so nothing else may come along in it.
 */
export function referrerProblem(referrer: BundleReferrer, subject: Digest, predicateType: string): string | null {
  const { manifest, manifestBytes, layer } = referrer;
  if (digestOf(manifestBytes, digestAlgorithm(manifest)) !== manifest)
    return 'its manifest is not what its digest says';
  const parsed = manifestSchema.safeParse(parseJson(manifestBytes));
  if (!parsed.success) return `its manifest is not that of a sigstore bundle: ${at(parsed.error)}`;
  const { layers, subject: attached, annotations } = parsed.data;
  if (attached.digest !== subject) return `it is attached to ${attached.digest}`;
  if (layers[0].digest !== layer) return 'its layer is not the one that was verified';
  const annotated = annotations?.[TYPE_ANNOTATION];
  return annotated === undefined || annotated === predicateType ? null : `it is annotated as ${annotated}`;
}

function at(error: z.ZodError): string {
  return [...new Set(error.issues.map(({ path }) => path.join('.')))].join(', ');
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}
