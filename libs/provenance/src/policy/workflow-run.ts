// SPDX-License-Identifier: Apache-2.0

/** A workflow of GitHub Actions at the ref that a run of it was for. */
export interface WorkflowRun {
  /** `https://github.com/org/repository`. */
  readonly repository: string;
  /** Path in that repository, `.github/workflows/build.yml`. */
  readonly path: string;
  readonly ref: string;
}

const GITHUB = 'https://github.com/';

/**
 * Reads a Build Config URI, as Fulcio writes it into the certificate of a GitHub Actions run:
 * `https://github.com/org/repository/<path>@<ref>` (1.3.6.1.4.1.57264.1.18). Null for anything else.
 */
export function parseBuildConfigUri(uri: string): WorkflowRun | null {
  if (!uri.startsWith(GITHUB)) return null;
  const rest = uri.slice(GITHUB.length);
  const at = rest.indexOf('@');
  if (at < 0) return null;
  const ref = rest.slice(at + 1);
  const [owner = '', name = '', ...path] = rest.slice(0, at).split('/');
  if (owner === '' || name === '' || path.join('/') === '' || ref === '') return null;
  return { repository: `${GITHUB}${owner}/${name}`, path: path.join('/'), ref };
}

/** `repository/path@ref`, as certificates have it. */
export function printWorkflowRun(run: WorkflowRun): string {
  return `${run.repository}/${run.path}@${run.ref}`;
}
