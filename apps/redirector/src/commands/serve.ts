// SPDX-License-Identifier: Apache-2.0
import { errorMessage } from '@promograph/errors';
import { loadSettings, type SettingsSource } from '../config/load-settings.ts';
import type { RedirectorContext } from '../redirector-context.ts';
import { type RunningRedirector, startRedirector } from '../server/start-redirector.ts';

/** Serves until SIGTERM or SIGINT, then drains. SIGHUP reads the configuration again and keeps the old when it is wrong. */
export async function serve(source: SettingsSource, context: RedirectorContext): Promise<void> {
  const settings = await loadSettings(source);
  const redirector = await startRedirector(settings, { writeLog: context.writeOut });
  const tell = (text: string): void => context.writeErr(`promograph-redirector: ${text}\n`);
  // Before anything is told: who waits for the first line may signal at once, and an unheard SIGHUP ends a process.
  let reloaded = Promise.resolve();
  // One after the other: of two readings of a file the later one must count.
  context.onSignal('SIGHUP', () => void (reloaded = reloaded.then(() => reload(redirector, source, tell))));
  const stopped = new Promise<void>((resolve) => {
    context.onSignal('SIGTERM', resolve);
    context.onSignal('SIGINT', resolve);
  });
  const second = redirector.metricsPort === null ? '' : `, metrics on port ${redirector.metricsPort}`;
  tell(`listening on port ${redirector.port}${second}`);
  await stopped;
  tell('stopping: requests under way are finished');
  await redirector.stop();
}

async function reload(
  redirector: RunningRedirector,
  source: SettingsSource,
  tell: (text: string) => void,
): Promise<void> {
  try {
    redirector.reload(await loadSettings(source));
    tell('the new configuration is in use; listen, metricsListen and limits need a restart');
  } catch (error) {
    redirector.refuseReload();
    tell(`the configuration is not taken, the old one stays in use:\n${errorMessage(error)}`);
  }
}
