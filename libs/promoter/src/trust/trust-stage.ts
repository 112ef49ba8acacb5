// SPDX-License-Identifier: Apache-2.0
import { type Digest, parseRepository } from '@promograph/oci';
import type { ProjectPlan } from '@promograph/plan';
import type { Closure, CopyEngine, RegistryClient } from '@promograph/registry';
import type { TrustReceipt } from '@promograph/report';
import { SigningError } from '@promograph/signing';
import { dueKey } from '../due-digests.ts';
import { presentDigests } from '../present-digests.ts';
import type { WorkGroup } from '../work-group.ts';
import type { CanonicalPlace, CanonicalRepositories } from './canonical-repositories.ts';
import type { GroupTrust } from './group-trust.ts';
import type { Preflight } from './preflight.ts';
import type { SourcesByPlace } from './sources-by-place.ts';
import type { TrustRun } from './trust-run.ts';

/** What the stage works with. */
export interface TrustStageOptions {
  readonly run: TrustRun;
  readonly preflight: Preflight;
  readonly canonical: CanonicalRepositories;
  readonly client: RegistryClient;
  readonly engine: CopyEngine;
  /** All tags that the whole tree gives, by `repository@digest`, whatever is due now. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
  readonly signsTagless: boolean;
  readonly sources: SourcesByPlace;
  /** Names of the manifest and images files of a project. */
  readonly filesOf: (project: string) => { readonly manifestFile: string; readonly imagesFile: string };
  readonly signal: AbortSignal | undefined;
}

/** Signing and attesting of one run, as the groups of edges and the receipts see it. */
export class TrustStage implements GroupTrust {
  readonly signsTagless: boolean;
  /** Passed before the first copy, or before the first signature where nothing is copied. */
  readonly preflight: Preflight;
  readonly #options: TrustStageOptions;
  /** Present digests that were looked at all the same. */
  readonly #looked = new Set<string>();

  constructor(options: TrustStageOptions) {
    this.#options = options;
    this.signsTagless = options.signsTagless;
    this.preflight = options.preflight;
  }

  canonicalOf({ project, source, digest }: WorkGroup): string {
    return this.#options.canonical.placeOf(project, source, digest).repository;
  }

  async ensure(group: WorkGroup, closure: Closure): Promise<void> {
    if (!this.signsTagless && isTagless(group)) return;
    const place = this.#placeOf(group);
    if (!group.byDestination.has(place.repository)) await this.#requirePresence(place, group.digest);
    await this.#ensureAt(group, place, closure);
  }

  /** Signs and attests what is at its canonical repository already; failures are in the receipts. */
  async ensurePresent(about: Pick<WorkGroup, 'project' | 'source' | 'digest'>): Promise<void> {
    const { engine, signal } = this.#options;
    const place = this.#placeOf(about);
    this.#looked.add(dueKey(about));
    const target = { project: about.project, place, digest: about.digest };
    const closure = await this.#options.run.noting(target, () =>
      engine.readClosure(parseRepository(place.repository), about.digest, signal),
    );
    await this.#ensureAt(about, place, closure);
  }

  /** Tries writing at the canonical repositories of `groups`, without effect, before the first byte is copied. */
  async tryCanonical(groups: readonly WorkGroup[]): Promise<void> {
    const first = new Map<string, string>();
    for (const group of groups) {
      const { repository } = this.#placeOf(group);
      first.set(parseRepository(repository).host, repository);
    }
    const { engine, signal } = this.#options;
    await Promise.all([...first.values()].map((repository) => engine.tryWrite(parseRepository(repository), signal)));
  }

  receiptsOf(plan: ProjectPlan, confirmed: boolean): readonly TrustReceipt[] {
    return this.#options.run.receiptsOf(plan.project, confirmed, presentDigests(plan.actions, this.#looked));
  }

  #placeOf({ project, source, digest }: Pick<WorkGroup, 'project' | 'source' | 'digest'>): CanonicalPlace {
    return this.#options.canonical.placeOf(project, source, digest);
  }

  #ensureAt(
    { project, source, digest }: Pick<WorkGroup, 'project' | 'source' | 'digest'>,
    place: CanonicalPlace,
    closure: Closure,
  ): Promise<void> {
    const { filesOf, tags } = this.#options;
    const { sources, carried, policyProjects } = this.#options.sources.findings(place, digest);
    const { imagesFile, manifestFile } = filesOf(project);
    const policyFiles = policyProjects.map((name) => filesOf(name).manifestFile);
    const facts = {
      source,
      tags: tags.get(`${place.repository}@${digest}`) ?? [],
      imagesFile,
      manifestFiles: policyFiles.length > 0 ? policyFiles : [manifestFile],
      carried,
      sources,
    };
    return this.#options.run.ensure({ project, place, closure, facts });
  }

  /** A signature beside nothing would be published for a digest that its canonical repository does not have. */
  async #requirePresence({ repository }: CanonicalPlace, digest: Digest): Promise<void> {
    const { client, signal } = this.#options;
    const head = await client.headManifest(parseRepository(repository), digest, signal === undefined ? {} : { signal });
    if (head !== null) return;
    throw new SigningError('SIGNING_STORE', `${repository}@${digest} is not there to be signed`, {
      hint: 'Mend the edge to the canonical repository first: signatures live there.',
    });
  }
}

function isTagless({ byDestination }: WorkGroup): boolean {
  return [...byDestination.values()].flat().every(({ edge }) => edge.tag === null);
}
