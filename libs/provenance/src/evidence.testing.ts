// SPDX-License-Identifier: Apache-2.0
import type { ProvenancePolicy } from '@promograph/manifest';
import { type Digest, digestOf, parseDigest } from '@promograph/oci';
import type {
  AttestationLayer,
  BundleReferrer,
  Examination,
  SignerPrincipal,
  Statement,
  VerdictCode,
} from '@promograph/signing';
import { printStatement } from './statements/print-statement.ts';

export const DIGEST: Digest = parseDigest(`sha256:${'1'.repeat(64)}`);
export const CHILD_A: Digest = parseDigest(`sha256:${'a'.repeat(64)}`);
export const CHILD_B: Digest = parseDigest(`sha256:${'b'.repeat(64)}`);
export const STAGING = 'staging.example.org/team/app';
export const SOURCE = 'github.com/example/app';
export const BUILDER = 'https://builder.example.org/image';
export const ISSUER = 'https://issuer.example.org';
export const SIGNER = `sigstore::${ISSUER}::build@example.org`;
const V1 = 'https://slsa.dev/provenance/v1';
export const V02 = 'https://slsa.dev/provenance/v0.2';
export const SPDX = 'https://spdx.dev/Document';
const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** A policy of mode require over one builder of level 3 that any of its signers may claim. */
export function policyWith(parts: Partial<ProvenancePolicy> = {}): ProvenancePolicy {
  return {
    mode: 'require',
    signers: [SIGNER],
    builders: [{ id: BUILDER, level: 3, signers: [], caller: null }],
    sources: [SOURCE],
    predicateTypes: [],
    level: 0,
    levels: [],
    ...parts,
  };
}

export function person(
  subject: string,
  issuer: string = ISSUER,
  buildConfigUri: string | null = null,
): SignerPrincipal {
  return { kind: 'certificate', subject, issuer, buildConfigUri };
}

export function statementOf(predicateType: string, predicate: unknown, ...digests: readonly Digest[]): Statement {
  const subject = digests.map((digest) => ({ name: 'app', digest: { sha256: digest.slice('sha256:'.length) } }));
  return { _type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate };
}

/** Parts of a provenance that a case changes; null leaves the part out. */
export interface ProvenanceParts {
  readonly digest?: Digest;
  readonly builder?: string;
  readonly source?: string;
  readonly invocation?: string | null;
  readonly workflow?: unknown;
  readonly dependencies?: readonly unknown[];
}

/** SLSA provenance v1 as builders write it. */
export function provenanceOf(parts: ProvenanceParts = {}): Statement {
  const { digest = DIGEST, builder = BUILDER, source = `git+https://${SOURCE}@refs/heads/main`, workflow } = parts;
  const invocation = parts.invocation === undefined ? 'https://builder.example.org/runs/1' : parts.invocation;
  const predicate = {
    buildDefinition: {
      buildType: 'https://builder.example.org/type@v1',
      externalParameters: workflow === undefined ? {} : { workflow },
      resolvedDependencies: parts.dependencies ?? [{ uri: source, digest: { gitCommit: 'a'.repeat(40) } }],
    },
    runDetails: { builder: { id: builder }, metadata: invocation === null ? {} : { invocationId: invocation } },
  };
  return statementOf(V1, predicate, digest);
}

/** How a piece of evidence came to be, and what the examination says of it. */
export interface ExaminationParts {
  readonly status?: Examination['status'];
  readonly code?: VerdictCode;
  readonly signer?: SignerPrincipal | null;
  readonly layout?: 'bundle' | 'att';
  readonly annotatedType?: string | null;
  /** What the referrer is attached to. */
  readonly subject?: Digest;
  /** Bytes of the layer, where they are not an envelope around the statement. */
  readonly bytes?: Buffer;
}

/** An examined piece of evidence that holds `statement`; verified and signed by `SIGNER` unless the parts say otherwise. */
export function examined(statement: Statement, parts: ExaminationParts = {}): Examination {
  const { status = 'verified', layout = 'bundle', code = null } = parts;
  const bytes = parts.bytes ?? envelopeOf(statement, layout);
  const piece = layout === 'bundle' ? bundlePiece(statement, bytes, parts) : attPiece(bytes);
  const isVerified = status === 'verified';
  return {
    piece,
    place: { layout, location: `${STAGING}@${piece.manifest}`, layer: piece.layer },
    status,
    code: isVerified ? null : (code ?? 'SIG_CRYPTO'),
    message: isVerified ? '' : 'signature mismatch',
    signer: parts.signer === undefined ? person('build@example.org') : parts.signer,
    payload: null,
    statement: isVerified ? statement : null,
    predicateType: statement.predicateType,
    log: null,
  };
}

function envelopeOf(statement: Statement, layout: 'bundle' | 'att'): Buffer {
  const envelope = { payload: printStatement(statement).toString('base64'), signatures: [{ sig: 'AA==' }] };
  return Buffer.from(JSON.stringify(layout === 'bundle' ? { dsseEnvelope: envelope } : envelope));
}

function attPiece(bytes: Buffer): AttestationLayer {
  const layer = digestOf(bytes);
  const manifest = digestOf(`att ${layer}`);
  return { layout: 'att', manifest, layer, mediaType: 'application/vnd.dsse.envelope.v1+json', annotations: {}, bytes };
}

/** A referrer's manifest as cosign 3 writes it. */
export function referrerManifest(
  subject: Digest,
  layer: Digest,
  annotatedType: string | null,
): Record<string, unknown> {
  return {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: BUNDLE_TYPE,
    config: {
      mediaType: 'application/vnd.oci.empty.v1+json',
      size: 2,
      digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    },
    layers: [{ mediaType: BUNDLE_TYPE, size: 7, digest: layer }],
    subject: { mediaType: 'application/vnd.oci.image.manifest.v1+json', size: 7, digest: subject },
    ...(annotatedType !== null && { annotations: { 'dev.sigstore.bundle.predicateType': annotatedType } }),
  };
}

function bundlePiece(statement: Statement, bytes: Buffer, parts: ExaminationParts): BundleReferrer {
  const annotatedType = parts.annotatedType === undefined ? statement.predicateType : parts.annotatedType;
  const layer = digestOf(bytes);
  const manifestBytes = Buffer.from(JSON.stringify(referrerManifest(parts.subject ?? DIGEST, layer, annotatedType)));
  return { layout: 'bundle', manifest: digestOf(manifestBytes), manifestBytes, layer, annotatedType, bytes };
}
