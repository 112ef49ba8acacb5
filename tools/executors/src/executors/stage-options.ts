// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { FailOn, TaskRequest, TaskStage } from '@promograph/promoter';

/** What one task asks for, checked. */
export interface StageTask {
  readonly request: TaskRequest;
  /** Root of the promotion tree, absolute. */
  readonly treeDir: string;
  /** Where artifacts lie, absolute. */
  readonly stateDir: string;
  /** Tasks at work at the same time, as far as this task is asked. */
  readonly concurrency: number;
}

const STAGES: readonly TaskStage[] = ['snapshot', 'validate', 'plan', 'promote', 'sign', 'attest', 'replicate'];
/** A flag of `run-many -t plan,promote` reaches every task; only these may act on it. */
const WRITING: readonly TaskStage[] = ['promote', 'sign', 'attest', 'replicate'];
const SCOPES = ['run', 'present'] as const;
const FAIL_ON: readonly FailOn[] = ['invalid', 'refused', 'lost', 'unverified'];
const FLAGS = ['confirm', 'failOn', 'failFast', 'scope', 'concurrency'];
/** Set by the plugin or by Nx itself. */
const SILENT = ['stage', 'project', 'tree', 'stateDir', 'engine', 'problem', 'verbose'];
const DEFAULT_CONCURRENCY = 16;
const MAX_CONCURRENCY = 512;

/** Wrong options of a task; the message is the one line that the user gets. */
export class StageOptionsError extends Error {}

/**
 * Reads the options of a task. They are checked here and not by Nx, which would end the whole batch, with a stack, for one wrong flag.
 * @throws StageOptionsError
 */
export function readStageOptions(options: Readonly<Record<string, unknown>>, workspaceRoot: string): StageTask {
  if (typeof options['problem'] === 'string') throw wrong(options['problem']);
  for (const key of Object.keys(options)) {
    if (key === '_') throw wrong(`unexpected argument ${JSON.stringify(options[key])}`);
    if (!key.startsWith('__') && !FLAGS.includes(key) && !SILENT.includes(key)) {
      throw wrong(`unknown option --${key}; there are ${FLAGS.map((flag) => `--${flag}`).join(', ')}`);
    }
  }
  const stage = STAGES.find((candidate) => candidate === options['stage']);
  if (stage === undefined) throw wrong(`option stage must be one of ${STAGES.join(', ')}`);
  const treeDir = join(workspaceRoot, readText(options, 'tree'));
  return {
    request: {
      stage,
      project: readText(options, 'project'),
      confirm: readFlag(options, 'confirm') && WRITING.includes(stage),
      failOn: readFailOn(options['failOn']),
      failFast: readFlag(options, 'failFast'),
      scope: readScope(options['scope']),
    },
    treeDir,
    stateDir: join(treeDir, readText(options, 'stateDir')),
    concurrency: readConcurrency(options['concurrency']),
  };
}

function readText(options: Readonly<Record<string, unknown>>, name: string): string {
  const value = options[name];
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(`option ${name} is missing: the task was not made by the plugin @promograph/nx`);
}

function readFlag(options: Readonly<Record<string, unknown>>, name: string): boolean {
  const value = options[name];
  if (value === undefined || value === false || value === 'false') return false;
  if (value === true || value === 'true') return true;
  throw wrong(`--${name} takes true or false, not ${JSON.stringify(value)}`);
}

function readFailOn(value: unknown): readonly FailOn[] {
  if (value === undefined) return ['invalid'];
  const names: readonly unknown[] = Array.isArray(value)
    ? value
    : typeof value === 'string'
      ? value.split(',')
      : [value];
  return names.map((name) => {
    const known = FAIL_ON.find((candidate) => candidate === (typeof name === 'string' ? name.trim() : name));
    if (known === undefined) throw wrong(`--failOn takes ${FAIL_ON.join(', ')}, not ${JSON.stringify(name)}`);
    return known;
  });
}

function readScope(value: unknown): (typeof SCOPES)[number] {
  const scope = value === undefined ? 'run' : SCOPES.find((candidate) => candidate === value);
  if (scope === undefined) throw wrong(`--scope takes ${SCOPES.join(' or ')}, not ${JSON.stringify(value)}`);
  return scope;
}

function readConcurrency(value: unknown): number {
  if (value === undefined) return DEFAULT_CONCURRENCY;
  const count = typeof value === 'string' ? Number(value) : value;
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= MAX_CONCURRENCY) return count;
  throw wrong(`--concurrency takes a whole number from 1 to ${MAX_CONCURRENCY}, not ${JSON.stringify(value)}`);
}

function wrong(message: string): StageOptionsError {
  return new StageOptionsError(`promograph: ${message}`);
}
