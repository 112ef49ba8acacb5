// SPDX-License-Identifier: Apache-2.0

/** Tasks that can never start because they wait for themselves, directly or through others, and those behind them. */
export function tasksInCycles(dependencies: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const waiting = new Map<string, Set<string>>();
  const dependents = new Map<string, string[]>();
  for (const [id, names] of dependencies) {
    const known = new Set(names.filter((name) => dependencies.has(name)));
    waiting.set(id, known);
    for (const name of known) {
      const list = dependents.get(name);
      if (list === undefined) dependents.set(name, [id]);
      else list.push(id);
    }
  }
  const ready = [...waiting].filter(([, names]) => names.size === 0).map(([id]) => id);
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    waiting.delete(id);
    for (const dependent of dependents.get(id) ?? []) {
      const names = waiting.get(dependent);
      names?.delete(id);
      if (names?.size === 0) ready.push(dependent);
    }
  }
  return [...waiting.keys()];
}
