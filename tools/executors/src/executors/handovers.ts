// SPDX-License-Identifier: Apache-2.0

/** What is read of a task of the whole run: Nx hands the graph of all tasks over, also to a batch that runs some of them. */
export interface GraphTask {
  readonly target: { readonly project: string; readonly target: string; readonly configuration?: string };
  readonly overrides?: Readonly<Record<string, unknown>>;
}

type Tasks = Readonly<Record<string, GraphTask | undefined>>;

/** Stages of one chain, each with those that come behind it. */
const LATER: Readonly<Record<string, readonly string[]>> = { promote: ['sign', 'attest'], sign: ['attest'] };
const CONFIRM = 'confirm';

/**
 * Whether a later stage of the same project is in the run, so that this one hands over instead of publishing tags. A stage
 * that writes hands over only to one that writes as well: nobody else would publish its tags.
 */
export function handsOver(id: string, tasks: Tasks): boolean {
  const own = tasks[id];
  if (own === undefined) return false;
  const later = LATER[own.target.target] ?? [];
  return Object.values(tasks).some(
    (task) =>
      task !== undefined &&
      task.target.project === own.target.project &&
      later.includes(task.target.target) &&
      (isConfirmed(task) || !isConfirmed(own)),
  );
}

function isConfirmed({ target, overrides = {} }: GraphTask): boolean {
  const flag = overrides[CONFIRM];
  if (flag === false || flag === 'false') return false;
  return flag !== undefined || target.configuration === CONFIRM;
}
