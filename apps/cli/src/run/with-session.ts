// SPDX-License-Identifier: Apache-2.0
import { isPromographError } from '@promograph/errors';
import type { Session, SessionOptions, Workspace } from '@promograph/promoter';
import type { CliContext } from '../cli-context.ts';
import { Progress } from '../terminal/progress.ts';
import { sessionOptions, type TreeFlags } from '../tree-flags.ts';
import { ownFindings } from './run-outcomes.ts';
import { tellTroubles } from './tell-troubles.ts';

/** Runs `body` with progress shown on stderr, and clears the line before results are printed. */
export async function withProgress<Result>(
  context: CliContext,
  isVerbose: boolean,
  body: (progress: Progress) => Promise<Result>,
): Promise<Result> {
  // A terminal without columns would keep the spinner counting lines for ever.
  const isLive = context.stderr.isTTY && context.stderr.columns !== null;
  const live = isLive ? (await import('../terminal/live-line.ts')).spinnerLine(process.stderr) : null;
  const progress = new Progress({ stderr: context.stderr, isVerbose, live, now: () => performance.now() });
  try {
    return await body(progress);
  } finally {
    progress.stop();
  }
}

/** Flags of a session, and settings that the command line puts in the place of the file's. */
export type SessionFlags = TreeFlags & Pick<SessionOptions, 'settings'>;

/**
 * Opens a session for the flags, runs `body`, and closes the session whatever happens. What a stage refuses for its input is
 * told after the findings, which say where.
 */
export async function withSession<Result>(
  context: CliContext,
  flags: SessionFlags,
  body: (session: Session) => Promise<Result>,
): Promise<Result> {
  const opened: Workspace[] = [];
  try {
    return await withProgress(context, flags.verbose ?? false, async (progress) => {
      const session = await context.openSession({
        ...sessionOptions(context, flags, progress.onEvent),
        ...(flags.settings === undefined ? {} : { settings: flags.settings }),
      });
      opened.push(session.workspace);
      try {
        return await body(session);
      } finally {
        await session.close();
      }
    });
  } catch (error) {
    const isInvalidInput = isPromographError(error) && error.code === 'PROMOTER_INVALID_INPUT';
    for (const workspace of isInvalidInput ? opened : []) {
      await tellTroubles(context, { findings: ownFindings(workspace), hostFailures: [], workspace });
    }
    throw error;
  }
}
