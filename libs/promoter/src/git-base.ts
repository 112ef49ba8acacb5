// SPDX-License-Identifier: Apache-2.0
import { checkRef, type GitPlace, runGit } from './git-command.ts';
import { PromoterError } from './promoter-error.ts';

/**
 * The git ref that a Prow job's change starts from: `$PULL_BASE_SHA` before a merge (presubmit, batch), `HEAD^` after it
 * (postsubmit). Error: `PROMOTER_GIT` when the environment names neither.
 */
export function baseForProw(env: Readonly<Record<string, string | undefined>>): string {
  const jobType = env['JOB_TYPE'] ?? '';
  if (jobType === 'postsubmit') return 'HEAD^';
  if (jobType !== 'presubmit' && jobType !== 'batch') {
    throw new PromoterError('PROMOTER_GIT', `JOB_TYPE is ${jobType === '' ? 'not set' : JSON.stringify(jobType)}`, {
      hint: 'It must be presubmit, batch or postsubmit; outside of Prow, use --since with a git ref.',
    });
  }
  const base = env['PULL_BASE_SHA'] ?? '';
  if (base === '') {
    throw new PromoterError('PROMOTER_GIT', `PULL_BASE_SHA is not set, but JOB_TYPE is ${jobType}`, {
      hint: 'Prow sets it for such jobs; outside of Prow, use --since with a git ref.',
    });
  }
  checkRef(base);
  return base;
}

/**
 * The commit from which on changes are newer than `since`, a date that git understands (`14 days`, `2026-01-31`): the
 * parent of the oldest newer commit, the empty tree when that one has no parent, `HEAD` when nothing is newer.
 */
export async function baseForDate(place: GitPlace, since: string): Promise<string> {
  const listed = await runGit(place, ['rev-list', `--since=${since}`, 'HEAD']);
  const oldest = listed.trimEnd().split('\n').at(-1) ?? '';
  if (oldest === '') return 'HEAD';
  const parents = (await runGit(place, ['rev-list', '--parents', '--max-count=1', oldest])).trim().split(' ').slice(1);
  return parents[0] ?? (await runGit(place, ['hash-object', '-t', 'tree', '/dev/null'])).trim();
}
