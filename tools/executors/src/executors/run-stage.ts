// SPDX-License-Identifier: Apache-2.0
import process from 'node:process';
import type { ExecutorContext } from '@nx/devkit';
import { runStages, type StageContext } from './run-stages.ts';

/** Plain implementation of both executors, for `--batch=false`: a batch of one task. */
export async function runStage(
  options: Readonly<Record<string, unknown>>,
  context: StageContext & Pick<ExecutorContext, 'projectName' | 'targetName' | 'configurationName'>,
): Promise<{ success: boolean }> {
  const { projectName, targetName, configurationName } = context;
  const id = [projectName, targetName, configurationName].filter((part) => part !== undefined).join(':');
  let isSuccess = false;
  const results = runStages({ tasks: { [id]: {} }, dependencies: {} }, { [id]: options }, {}, context);
  for await (const { result } of results) {
    process.stdout.write(result.terminalOutput);
    isSuccess = result.success;
  }
  return { success: isSuccess };
}
