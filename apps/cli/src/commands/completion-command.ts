// SPDX-License-Identifier: Apache-2.0
import { Argument, type Command } from '@commander-js/extra-typings';
import type { CommandRun } from '../command-run.ts';

/** `promograph completion`. */
export function addCompletionCommand(program: Command, run: CommandRun): void {
  program
    .command('completion')
    .summary('print a completion script for your shell')
    .description('Prints a static completion script: source it, or put it where your shell looks for completions.')
    .addArgument(new Argument('<shell>', 'your shell').choices(['bash', 'zsh', 'fish'] as const))
    .action(async (shell) => {
      const { completionScript } = await import('../completion/completion-script.ts');
      const { explainedCodes } = await import('../run/run-explain.ts');
      const { schemaNames } = await import('../run/run-schema.ts');
      const words = {
        explain: explainedCodes(),
        schema: schemaNames(),
        help: program.commands.map((command) => command.name()),
      };
      await run.context.stdout.write(completionScript(program, shell, words));
      run.finish(0);
    });
}
