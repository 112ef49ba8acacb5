// SPDX-License-Identifier: Apache-2.0
import { FINDING_CODES } from '@promograph/manifest';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { ERROR_CODES } from '../errors/error-catalogue.ts';
import { REFUSALS } from '../errors/refusals.ts';
import { EXIT_CODES, type Outcome } from '../exit-code.ts';

interface Explanation {
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
  /** What kind of code it is, and what it does to a run. */
  readonly effect: string;
}

/** Explains a code of a finding, of an edge or of an error; without one, lists all with their titles. */
export async function runExplain(context: CliContext, code: string | undefined): Promise<readonly Outcome[]> {
  const all = explanations();
  if (code === undefined) {
    await context.stdout.write([...all].map(([name, { title }]) => `${name}: ${title}\n`).join(''));
    return [];
  }
  const found = [...all].find(([name]) => name.toLowerCase() === code.toLowerCase());
  if (found === undefined) {
    throw new CliError('CLI_UNKNOWN_CODE', `no code ${code}`, { hint: 'Run `promograph explain` for the list.' });
  }
  const [name, { title, cause, remedy, effect }] = found;
  await context.stdout.write(
    `${name}: ${title}\n\nWhy:        ${cause}\nWhat to do: ${remedy}\nEffect:     ${effect}\n`,
  );
  return [];
}

function explanations(): ReadonlyMap<string, Explanation> {
  const findings = Object.entries(FINDING_CODES).map(([code, finding]): [string, Explanation] => {
    const scope = finding.isFatal ? 'nothing of its project is used' : 'only the entry where it stands is dropped';
    const effect = `a finding, ${finding.severity}: ${finding.severity === 'error' ? `exit code 3; ${scope}` : 'told, nothing else'}`;
    return [code, { ...finding, effect }];
  });
  const effects = new Map(findings.map(([code, { effect }]) => [code, `${effect}; `]));
  const refusals = Object.entries(REFUSALS).map(([code, refusal]): [string, Explanation] => {
    const effect = `${effects.get(code) ?? ''}of an edge: exit code ${EXIT_CODES[refusal.outcome]}, other edges go on`;
    return [code, { ...refusal, effect }];
  });
  const errors = Object.entries(ERROR_CODES).map(([code, error]): [string, Explanation] => [
    code,
    { ...error, effect: `an error: exit code ${EXIT_CODES[error.outcome]}` },
  ]);
  return new Map([...findings, ...refusals, ...errors]);
}

/** The codes that `explain` takes. */
export function explainedCodes(): readonly string[] {
  return [...explanations().keys()];
}
