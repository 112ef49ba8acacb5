// SPDX-License-Identifier: Apache-2.0
import { FINDING_CODES } from '@promograph/manifest';
import { ERROR_CODES, EXIT_CODES, REFUSALS } from 'promograph/reference';
import { code, GENERATED_NOTE, table } from './markdown.ts';

const INTRODUCTION = `Codes are stable: scripts, baselines and bug reports may name them. \`promograph explain CODE\` prints what stands here.`;

const FINDINGS = `What is wrong in a file of the tree. Every finding has a file, a line and a column. An error makes the exit code 3;
"drops" says how much is not used until it is mended. [A baseline](configuration.md#promograph-baselineyaml) accepts old
findings that drop only themselves.`;

const REASONS = `Why an edge (one digest, to one destination repository, under one tag or none) is not promoted: its \`reason\`, or its
action. Other edges go on.`;

const ERRORS = `What stops a run, or one edge of it.`;

/** The page of all codes: of findings, of edges, of errors. */
export function errorsPage(): string {
  const head = ['Code', 'What', 'Why', 'What to do'];
  return [
    GENERATED_NOTE,
    '# Codes',
    INTRODUCTION,
    '## Findings',
    FINDINGS,
    table(
      ['Code', 'Severity', 'Drops', ...head.slice(1)],
      Object.entries(FINDING_CODES).map(([name, { severity, isFatal, title, cause, remedy }]) => [
        code(name),
        severity,
        isFatal ? 'its project' : 'itself',
        title,
        cause,
        remedy,
      ]),
    ),
    '## Edges',
    REASONS,
    explanations(REFUSALS),
    '## Errors',
    ERRORS,
    explanations(ERROR_CODES),
  ].join('\n\n');
}

function explanations(entries: typeof ERROR_CODES | typeof REFUSALS): string {
  return table(
    ['Code', 'Exit code', 'What', 'Why', 'What to do'],
    Object.entries(entries).map(([name, { outcome, title, cause, remedy }]) => [
      code(name),
      String(EXIT_CODES[outcome]),
      title,
      cause,
      remedy,
    ]),
  );
}
