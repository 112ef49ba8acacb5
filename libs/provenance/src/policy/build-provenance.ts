// SPDX-License-Identifier: Apache-2.0
import type { Statement } from '@promograph/signing';
import { z } from 'zod';
import { type CallerClaim, configSourceCaller, workflowCaller } from './caller-claim.ts';

const V1 = 'https://slsa.dev/provenance/v1';
const V02 = 'https://slsa.dev/provenance/v0.2';

/** Predicate types of SLSA build provenance that policies accept. */
export const BUILD_PROVENANCE_TYPES: readonly string[] = [V1, V02];

/** What a build provenance says of itself; missing parts are empty or null. */
export interface BuildProvenance {
  readonly builderId: string;
  readonly buildType: string;
  readonly invocationId: string;
  /** URI of the sources that were built, as recorded. */
  readonly source: string | null;
  /** Resolved dependencies, or materials. */
  readonly dependencyCount: number;
  readonly caller: CallerClaim;
}

const text = z.string().nullish();
const resources = z.array(z.looseObject({ uri: text })).nullish();

const v1Schema = z.looseObject({
  buildDefinition: z.looseObject({
    buildType: text,
    externalParameters: z.looseObject({ source: z.unknown().optional(), workflow: z.unknown().optional() }).nullish(),
    resolvedDependencies: resources,
  }),
  runDetails: z.looseObject({
    builder: z.looseObject({ id: text }),
    // cosign 2 writes the name that drafts of the specification had.
    metadata: z.looseObject({ invocationId: text, invocationID: text }).nullish(),
  }),
});

const v02Schema = z.looseObject({
  builder: z.looseObject({ id: text }),
  buildType: text,
  invocation: z.looseObject({ configSource: z.looseObject({ uri: text, entryPoint: text }).nullish() }).nullish(),
  // The specification writes `Id`, the SLSA GitHub generator `ID`.
  metadata: z.looseObject({ buildInvocationId: text, buildInvocationID: text }).nullish(),
  materials: resources,
});

const descriptorSchema = z.looseObject({ uri: z.string() });
const repositorySchema = z.looseObject({ repository: z.string() });

/**
 * Reads the predicate of a SLSA provenance, v1 (https://slsa.dev/provenance/v1) or v0.2. Fields that it does not know are
 * let through; null for another predicate type, or where a known field has another type.
 */
export function readBuildProvenance(statement: Statement): BuildProvenance | null {
  if (statement.predicateType === V1) return readV1(statement.predicate);
  return statement.predicateType === V02 ? readV02(statement.predicate) : null;
}

function readV1(predicate: unknown): BuildProvenance | null {
  const parsed = v1Schema.safeParse(predicate);
  if (!parsed.success) return null;
  const { buildDefinition, runDetails } = parsed.data;
  const dependencies = buildDefinition.resolvedDependencies ?? [];
  const parameters = buildDefinition.externalParameters ?? { source: undefined, workflow: undefined };
  return {
    builderId: runDetails.builder.id ?? '',
    buildType: buildDefinition.buildType ?? '',
    invocationId: runDetails.metadata?.invocationId ?? runDetails.metadata?.invocationID ?? '',
    source: sourceOf(parameters, dependencies[0]?.uri),
    dependencyCount: dependencies.length,
    caller: workflowCaller(parameters.workflow),
  };
}

/** Generators record the sources in different places; the first that is there counts, and where it is malformed, none. */
function sourceOf(
  parameters: { source?: unknown; workflow?: unknown },
  dependency: string | null | undefined,
): string | null {
  const { source, workflow } = parameters;
  if (typeof source === 'string') return source;
  if (source != null) return descriptorSchema.safeParse(source).data?.uri ?? null;
  return dependency ?? repositorySchema.safeParse(workflow).data?.repository ?? null;
}

function readV02(predicate: unknown): BuildProvenance | null {
  const parsed = v02Schema.safeParse(predicate);
  if (!parsed.success) return null;
  const { builder, buildType, invocation, metadata, materials } = parsed.data;
  const { uri, entryPoint } = invocation?.configSource ?? {};
  return {
    builderId: builder.id ?? '',
    buildType: buildType ?? '',
    invocationId: metadata?.buildInvocationId ?? metadata?.buildInvocationID ?? '',
    source: uri != null && uri !== '' ? uri : (materials?.[0]?.uri ?? null),
    dependencyCount: materials?.length ?? 0,
    caller: configSourceCaller(uri ?? '', entryPoint ?? ''),
  };
}
