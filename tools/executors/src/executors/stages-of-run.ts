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
 * The tasks of `ids` with a later stage of the same project in the run, which hand over instead of publishing tags. A stage
 * that writes hands over only to one that writes as well: nobody else would publish its tags.
 */
export function tasksHandingOver(ids: readonly string[], tasks: Tasks): ReadonlySet<string> {
  const byProject = tasksByProject(tasks);
  return new Set(ids.filter((id) => handsOver(tasks[id], byProject)));
}

/**
 * The tasks of `ids` whose project is read and planned in the same run. Only both together tell that the snapshot came
 * first: where Nx was told to leave dependencies out, a task waits for what it names itself alone.
 */
export function tasksBehindSnapshot(ids: readonly string[], tasks: Tasks): ReadonlySet<string> {
  const byProject = tasksByProject(tasks);
  const isRead = (project: string): boolean => {
    const targets = new Set(byProject.get(project)?.map(({ target }) => target.target));
    return targets.has('snapshot') && targets.has('plan');
  };
  return new Set(ids.filter((id) => isRead(tasks[id]?.target.project ?? '')));
}

/** A run of thousands of tasks is looked through once, not once for each of them. */
function tasksByProject(tasks: Tasks): ReadonlyMap<string, readonly GraphTask[]> {
  const known = Object.values(tasks).filter((task) => task !== undefined);
  return Map.groupBy(known, ({ target }) => target.project);
}

function handsOver(own: GraphTask | undefined, byProject: ReadonlyMap<string, readonly GraphTask[]>): boolean {
  if (own === undefined) return false;
  const later = LATER[own.target.target] ?? [];
  if (later.length === 0) return false;
  return (byProject.get(own.target.project) ?? []).some(
    (task) => later.includes(task.target.target) && (isConfirmed(task) || !isConfirmed(own)),
  );
}

function isConfirmed({ target, overrides = {} }: GraphTask): boolean {
  const flag = overrides[CONFIRM];
  if (flag === false || flag === 'false') return false;
  return flag !== undefined || target.configuration === CONFIRM;
}
