// SPDX-License-Identifier: Apache-2.0
import { isPromographError } from '@promograph/errors';
import { parseRepository, printRepository, type ManifestDocument } from '@promograph/oci';
import type { PlannedAction } from '@promograph/plan';
import type { Closure, CopyEngine, DestinationCopy } from '@promograph/registry';
import type { EdgeResult } from './edge-result.ts';
import { PromoterError } from './promoter-error.ts';
import type { GroupTrust } from './trust/group-trust.ts';
import { TagHold } from './trust/tag-hold.ts';
import type { WorkGroup } from './work-group.ts';

/** What promoting one group needs. */
export interface GroupPorts {
  readonly engine: CopyEngine;
  readonly signal: AbortSignal | undefined;
  /** Destination repositories that refused a trial of writing, with the refusal. */
  readonly refusals: ReadonlyMap<string, unknown>;
  /** Signs and attests before anything becomes public; null where this run does not. */
  readonly trust: GroupTrust | null;
  /** A later stage of the same run publishes: nothing becomes public here. */
  readonly handsOver: boolean;
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
  let closure: Closure;
  try {
    closure = await readClosure(group.source, wanted, ports);
  } catch (error) {
    await promoteWithoutSource(wanted, error, ports);
    return;
  }
  await copyAndPublish({ group: wanted, from: group.source, closure }, ports);
}

function readClosure(from: string, group: WorkGroup, ports: GroupPorts): Promise<Closure> {
  return ports.engine.readClosure(parseRepository(from), group.digest, ports.signal);
}

interface GroupCopy {
  readonly group: WorkGroup;
  readonly from: string;
  readonly closure: Closure;
}

/** Whatever fails here stays with its destination. */
async function copyAndPublish({ group, from, closure }: GroupCopy, ports: GroupPorts): Promise<void> {
  const publications: Promise<void>[] = [];
  const waiting = new Map(group.byDestination);
  const { canonical, hold } = openHold(group, closure, ports);
  try {
    await ports.engine.copy({
      source: parseRepository(from),
      digest: group.digest,
      destinations: [...waiting.keys()].map(parseRepository),
      ...(ports.signal === undefined ? {} : { signal: ports.signal }),
      isAbsent: (repository) => isAbsentAt(group, printRepository(repository)),
      beforeRoot: async (repository) => {
        const destination = printRepository(repository);
        if (!isWithheld(group, destination, ports)) return;
        if (destination === canonical) hold.begin();
        await (destination === canonical ? hold.released : hold.releasedElsewhere);
        if (ports.handsOver) throw new PromoterError('PROMOTER_HANDED_OVER', 'a later stage of this run publishes it');
      },
      onDestination: (copy) => {
        ports.onCopy(copy);
        const destination = printRepository(copy.destination);
        const actions = waiting.get(destination) ?? [];
        waiting.delete(destination);
        const isFailed = copy.status === 'failed';
        if (destination === canonical) settleHold(hold, copy);
        if (isFailed) failAll(actions, copy.error, ports);
        else {
          const released = destination === canonical ? hold.released : hold.releasedElsewhere;
          publications.push(publishAll({ actions, document: closure.root, released }, ports));
        }
      },
    });
  } catch (error) {
    hold.fail(error);
    for (const actions of waiting.values()) failAll(actions, error, ports);
  }
  await Promise.all(publications);
}

/** By the live plan: what is added is not there, what only wants a tag is. */
function isAbsentAt({ byDestination }: WorkGroup, destination: string): boolean {
  return byDestination.get(destination)?.every(({ action }) => action === 'add') === true;
}

/** Where no copy of this group brings the digest to its canonical repository, it is there already: signing begins at once. */
function openHold(
  group: WorkGroup,
  closure: Closure,
  { trust, refusals }: GroupPorts,
): { readonly canonical: string | null; readonly hold: TagHold } {
  const hold = new TagHold(async () => trust?.ensure(group, closure));
  const canonical = trust?.canonicalOf(group) ?? null;
  if (canonical !== null && refusals.has(canonical)) hold.fail(refusals.get(canonical));
  else if (canonical === null || !group.byDestination.has(canonical)) hold.arrive();
  return { canonical, hold };
}

function settleHold(hold: TagHold, copy: DestinationCopy): void {
  if (copy.status === 'failed') hold.fail(copy.error);
  else hold.arrive();
}

/** What has no tag is public once its own manifest is written, so that is what waits. */
function isWithheld(group: WorkGroup, destination: string, { trust, handsOver }: GroupPorts): boolean {
  const actions = group.byDestination.get(destination) ?? [];
  if (!actions.some(({ edge }) => edge.tag === null)) return false;
  return handsOver || (trust !== null && trust.signsTagless);
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
        await copyAndPublish({ group: alone, from, closure: await readClosure(from, alone, ports) }, ports);
      } catch (failure) {
        failAll(actions, failure, ports);
      }
    }),
  );
}

interface Publication {
  readonly actions: readonly PlannedAction[];
  readonly document: ManifestDocument;
  /** Settles when tags may be written. */
  readonly released: Promise<void>;
}

/** Tags are written when the digest is signed; where that fails, none is. */
async function publishAll({ actions, document, released }: Publication, ports: GroupPorts): Promise<void> {
  const [tagged, tagless] = [actions.filter(hasTag), actions.filter((planned) => !hasTag(planned))];
  for (const planned of tagless) ports.onResult({ planned, outcome: doneOutcome(planned) });
  try {
    if (tagged.length > 0) await released;
  } catch (error) {
    failAll(tagged, error, ports);
    return;
  }
  for (const planned of tagged) {
    try {
      ports.onResult(await publish(planned, document, ports));
    } catch (error) {
      ports.onResult({ planned, outcome: 'failed', error });
    }
  }
}

function hasTag({ edge }: PlannedAction): boolean {
  return edge.tag !== null;
}

function doneOutcome({ action }: PlannedAction): 'tagged' | 'added' {
  return action === 'tag' ? 'tagged' : 'added';
}

async function publish(planned: PlannedAction, document: ManifestDocument, ports: GroupPorts): Promise<EdgeResult> {
  const { tag, destination } = planned.edge;
  const done = doneOutcome(planned);
  if (tag === null) return { planned, outcome: done };
  if (ports.handsOver) return { planned, outcome: 'copied' };
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
  const isHandedOver = isPromographError(error, 'PROMOTER_HANDED_OVER');
  for (const planned of actions) {
    if (isHandedOver) ports.onResult({ planned, outcome: 'copied' });
    else if (isUnsupported) ports.onResult({ planned, outcome: 'refused', reason: 'unsupported-media-type', error });
    else ports.onResult({ planned, outcome: 'failed', error });
  }
}
