// SPDX-License-Identifier: Apache-2.0
import { isPromographError } from '@promograph/errors';
import { parseRepository, printRepository, type ManifestDocument } from '@promograph/oci';
import type { PlannedAction } from '@promograph/plan';
import type { CopyEngine, DestinationCopy } from '@promograph/registry';
import type { EdgeResult } from './edge-result.ts';
import type { WorkGroup } from './work-group.ts';

/** What promoting one group needs. */
export interface GroupPorts {
  readonly engine: CopyEngine;
  readonly signal: AbortSignal | undefined;
  /** Destination repositories that refused a trial of writing, with the refusal. */
  readonly refusals: ReadonlyMap<string, unknown>;
  /** Told each edge as soon as it ended, and what each destination cost. */
  readonly onResult: (result: EdgeResult) => void;
  readonly onCopy: (copy: DestinationCopy) => void;
}

/**
 * Brings one digest to all its destinations and publishes its tags there, each destination on its own: a failure, or a
 * slow one, holds no other back. Never throws: every edge gets exactly one result.
 */
export async function promoteGroup(group: WorkGroup, ports: GroupPorts): Promise<void> {
  const open = new Map<string, readonly PlannedAction[]>();
  for (const [destination, actions] of group.byDestination) {
    if (ports.refusals.has(destination)) failAll(actions, ports.refusals.get(destination), ports);
    else open.set(destination, actions);
  }
  if (open.size === 0) return;
  const wanted = { ...group, byDestination: open };
  let root: ManifestDocument;
  try {
    root = await readRoot(group.source, wanted, ports);
  } catch (error) {
    await promoteWithoutSource(wanted, error, ports);
    return;
  }
  await copyAndPublish({ group: wanted, from: group.source, root }, ports);
}

async function readRoot(from: string, group: WorkGroup, ports: GroupPorts): Promise<ManifestDocument> {
  return (await ports.engine.readClosure(parseRepository(from), group.digest, ports.signal)).root;
}

interface GroupCopy {
  readonly group: WorkGroup;
  readonly from: string;
  readonly root: ManifestDocument;
}

/** Whatever fails here stays with its destination. */
async function copyAndPublish({ group, from, root }: GroupCopy, ports: GroupPorts): Promise<void> {
  const publications: Promise<void>[] = [];
  const waiting = new Map(group.byDestination);
  try {
    await ports.engine.copy({
      source: parseRepository(from),
      digest: group.digest,
      destinations: [...waiting.keys()].map(parseRepository),
      ...(ports.signal === undefined ? {} : { signal: ports.signal }),
      onDestination: (copy) => {
        ports.onCopy(copy);
        const destination = printRepository(copy.destination);
        const actions = waiting.get(destination) ?? [];
        waiting.delete(destination);
        if (copy.status === 'failed') failAll(actions, copy.error, ports);
        else publications.push(publishAll(actions, root, ports));
      },
    });
  } catch (error) {
    for (const actions of waiting.values()) failAll(actions, error, ports);
  }
  await Promise.all(publications);
}

/**
 * A digest that the destination holds needs no source for its tag, so long as everything below it is there: the
 * destination is asked to complete itself, which fails where something is missing.
 */
async function promoteWithoutSource(group: WorkGroup, error: unknown, ports: GroupPorts): Promise<void> {
  const isGone = isPromographError(error, 'REGISTRY_NOT_FOUND');
  await Promise.all(
    [...group.byDestination].map(async ([from, actions]) => {
      const tagsOnly = isGone && actions.every(({ action }) => action === 'tag');
      if (!tagsOnly) return failAll(actions, error, ports);
      const alone = { ...group, byDestination: new Map([[from, actions]]) };
      try {
        await copyAndPublish({ group: alone, from, root: await readRoot(from, alone, ports) }, ports);
      } catch (failure) {
        failAll(actions, failure, ports);
      }
    }),
  );
}

async function publishAll(
  actions: readonly PlannedAction[],
  document: ManifestDocument,
  ports: GroupPorts,
): Promise<void> {
  for (const planned of actions) {
    try {
      ports.onResult(await publish(planned, document, ports));
    } catch (error) {
      ports.onResult({ planned, outcome: 'failed', error });
    }
  }
}

async function publish(planned: PlannedAction, document: ManifestDocument, ports: GroupPorts): Promise<EdgeResult> {
  const { tag, destination } = planned.edge;
  const done = planned.action === 'tag' ? 'tagged' : 'added';
  if (tag === null) return { planned, outcome: done };
  const outcome = await ports.engine.publishTag({
    destination: parseRepository(destination),
    tag,
    document,
    ...(ports.signal === undefined ? {} : { signal: ports.signal }),
  });
  if (outcome.status === 'moved')
    return { planned, outcome: 'refused', reason: 'tag-move', observed: outcome.observed };
  return { planned, outcome: outcome.status === 'present' ? 'present' : done };
}

/** What can never be copied is refused, not failed: running again would not help. */
function failAll(actions: readonly PlannedAction[], error: unknown, ports: GroupPorts): void {
  const isUnsupported = isPromographError(error, 'OCI_UNSUPPORTED_MEDIA_TYPE');
  for (const planned of actions) {
    if (isUnsupported) ports.onResult({ planned, outcome: 'refused', reason: 'unsupported-media-type', error });
    else ports.onResult({ planned, outcome: 'failed', error });
  }
}
