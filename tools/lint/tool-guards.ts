// SPDX-License-Identifier: Apache-2.0
import { relative } from 'node:path';
import { type ProgramResult, runProgram } from './run-program.ts';
import type { Guard, Violation } from './violation.ts';

interface EslintFile {
  readonly filePath: string;
  readonly messages: readonly { readonly ruleId: string | null; readonly line?: number; readonly message: string }[];
}

interface KnipReport {
  readonly issues: readonly ({ readonly file: string } & Readonly<Record<string, unknown>>)[];
}

/** A tool that failed without naming a place must still fail the guard, whatever it printed. */
function orFailure(name: string, result: ProgramResult, found: readonly Violation[]): readonly Violation[] {
  if (result.exitCode === 0 || found.length > 0) return found;
  return [{ at: '.', rule: `${name}/failed`, message: result.output.trim() || `exit code ${result.exitCode}` }];
}

/** Formatting: every file is as prettier writes it. */
export const formatGuard: Guard = {
  name: 'format',
  check: async (root) => {
    const args = ['--list-different', '.'];
    const result = await runProgram({ root, script: 'prettier/bin/prettier.cjs', args });
    if (result.exitCode !== 1) return orFailure('format', result, []);
    const paths = result.output.split('\n').filter((line) => line !== '');
    return paths.map((at) => ({ at, rule: 'format/prettier', message: 'run `npm run format`' }));
  },
};

/** Types: the whole repository under the strictest settings. */
export const typesGuard: Guard = {
  name: 'types',
  check: async (root) => {
    const args = ['-p', 'tsconfig.json', '--noEmit', '--pretty', 'false'];
    const result = await runProgram({ root, script: 'typescript/bin/tsc', args });
    const found = [...result.output.matchAll(/^(.+?)\((\d+),\d+\): error (TS\d+): (.*)$/gm)];
    return orFailure(
      'types',
      result,
      found.map(([, path, line, code, message]) => ({
        at: `${path}:${line}`,
        rule: `types/${code}`,
        message: message ?? '',
      })),
    );
  },
};

/** Typed lint rules, see eslint.config.js. */
export const eslintGuard: Guard = {
  name: 'eslint',
  check: async (root) => {
    const args = ['--max-warnings', '0', '--format', 'json', '.'];
    const result = await runProgram({ root, script: 'eslint/bin/eslint.js', args });
    if (!result.output.startsWith('[')) return orFailure('eslint', result, []);
    const files = JSON.parse(result.output) as readonly EslintFile[];
    const found = files.flatMap(({ filePath, messages }) =>
      messages.map(({ ruleId, line, message }) => ({
        at: `${relative(root, filePath)}:${line ?? 0}`,
        rule: `eslint/${ruleId ?? 'fatal'}`,
        message,
      })),
    );
    return orFailure('eslint', result, found);
  },
};

/** Unused files, exports and dependencies, and dependencies that nobody lists. */
export const knipGuard: Guard = {
  name: 'knip',
  check: async (root) => {
    const result = await runProgram({
      root,
      script: 'knip/bin/knip.js',
      args: ['--reporter', 'json', '--no-progress'],
    });
    const start = result.output.indexOf('{"');
    if (start === -1) return orFailure('knip', result, []);
    const report = JSON.parse(result.output.slice(start)) as KnipReport;
    return orFailure('knip', result, report.issues.flatMap(readKnipIssue));
  },
};

function readKnipIssue({ file, ...kinds }: KnipReport['issues'][number]): readonly Violation[] {
  return Object.entries(kinds).flatMap(([kind, entries]) =>
    Array.isArray(entries)
      ? (entries as readonly { readonly name?: string }[]).map((entry) => ({
          at: file,
          rule: `knip/${kind}`,
          message: entry.name ?? 'unused',
        }))
      : [],
  );
}
