// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import type { WorkflowRun } from './workflow-run.ts';

/** The workflow that a provenance names as its caller; `malformed` matters only where a caller is demanded. */
export type CallerClaim =
  | { readonly kind: 'none' }
  | { readonly kind: 'run'; readonly run: WorkflowRun }
  | { readonly kind: 'malformed'; readonly message: string };

const workflowSchema = z.looseObject({ repository: z.string(), path: z.string(), ref: z.string() });

/** The caller in `externalParameters.workflow` of a SLSA v1 provenance of GitHub. */
export function workflowCaller(workflow: unknown): CallerClaim {
  if (workflow == null) return { kind: 'none' };
  const parsed = workflowSchema.safeParse(workflow);
  if (!parsed.success) return { kind: 'malformed', message: 'its calling workflow is not {repository, path, ref}' };
  const { repository, path, ref } = parsed.data;
  return { kind: 'run', run: { repository, path, ref } };
}

/** The caller in `invocation.configSource` of a SLSA v0.2 provenance: `git+<repository>@<ref>` and the path as entry point. */
export function configSourceCaller(uri: string, entryPoint: string): CallerClaim {
  if (uri === '' && entryPoint === '') return { kind: 'none' };
  const [repository = '', ...rest] = uri.replace(/^git\+/, '').split('@');
  const ref = rest.join('@');
  if (repository === '' || ref === '' || entryPoint === '') {
    return {
      kind: 'malformed',
      message: `its config source ${uri} with entry point ${entryPoint} names no workflow at a ref`,
    };
  }
  return { kind: 'run', run: { repository, path: entryPoint, ref } };
}
