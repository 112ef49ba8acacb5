// SPDX-License-Identifier: Apache-2.0
import { relative, sep } from 'node:path';
import { gitUri, type RecordedJob } from '@promograph/provenance';
import { runGit } from '../git-command.ts';

/** What is the same for every record of one run. */
export interface RunFacts {
  /** One time for the whole run. */
  readonly timestamp: Date;
  /** Commit and origin of the tree; null where it is in no repository, or has changes that no commit holds. */
  readonly revision: TreeRevision | null;
  /** The Prow job (JOB_NAME, JOB_TYPE, BUILD_ID, PROW_JOB_ID); null elsewhere. */
  readonly job: RecordedJob | null;
}

/** Where the tree was read from. */
export interface TreeRevision {
  readonly commit: string;
  /** `git+https://host/path` without credentials; null where the origin is not https. */
  readonly uri: string | null;
  /** Directory of the tree in its repository, with `/` at its end; empty at the root. */
  readonly prefix: string;
}

/** Where facts are looked for. */
export interface FactSources {
  readonly revision: TreeRevision | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: Date;
}

/** The facts of one run. */
export function runFacts({ revision, env, now }: FactSources): RunFacts {
  return { timestamp: now, revision, job: jobOf(env) };
}

/** Commit and origin of the tree at `root`; a tree outside of git has neither, which is no error. */
export async function treeRevision(root: string, env: FactSources['env']): Promise<TreeRevision | null> {
  const git = async (...args: string[]): Promise<string> => (await runGit({ dir: root, env }, args)).trim();
  try {
    const [top, commit, changes] = await Promise.all([
      git('rev-parse', '--show-toplevel'),
      git('rev-parse', 'HEAD'),
      git('status', '--porcelain', '--untracked-files=all', '--', 'manifests', 'images', 'promograph.yaml'),
    ]);
    if (changes !== '') return null;
    const origin = await git('config', '--get', 'remote.origin.url').catch(() => '');
    const inside = relative(top, root).split(sep).join('/');
    return { commit, uri: gitUri(origin), prefix: inside === '' ? '' : `${inside}/` };
  } catch {
    return null;
  }
}

function jobOf(env: FactSources['env']): RecordedJob | null {
  const { JOB_NAME: name, JOB_TYPE: type, BUILD_ID: buildId, PROW_JOB_ID: prowJobId } = env;
  if (!name) return null;
  return { name, ...(type && { type }), ...(buildId && { buildId }), ...(prowJobId && { prowJobId }) };
}
