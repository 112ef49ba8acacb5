// SPDX-License-Identifier: Apache-2.0
import type { TagLease } from '@promograph/limiter';
import type { Digest } from '@promograph/oci';
import type { ExaminedEvidence } from '@promograph/provenance';
import type { TrustedDigest, TrustReceipt, WrittenEvidence } from '@promograph/report';
import type { Closure } from '@promograph/registry';
import { receiptErrorOf } from '../receipt-error.ts';
import type { PromoteStage } from '../session.ts';
import type { CanonicalPlace } from './canonical-repositories.ts';
import type { PromotionFacts } from './promotion-facts.ts';
import { missingFormats, readOwnEvidence, type SigningTarget, writeSignatures } from './sign-digest.ts';
import type { SourcesByPlace } from './sources-by-place.ts';
import type { Attester, AttestTarget } from './attester.ts';
import type { OwnSignatures, TrustPorts } from './trust-ports.ts';
import { printTrustReceipt } from './trust-receipt.ts';

/** A digest of a project, with everything below it, to be signed and attested at its canonical repository. */
export interface TrustRequest {
  readonly project: string;
  readonly place: CanonicalPlace;
  readonly closure: Closure;
  readonly facts: PromotionFacts;
}

/** A digest at its canonical repository, and the project whose receipt tells of it. */
export type DigestOfProject = Pick<TrustRequest, 'project' | 'place'> & { readonly digest: Digest };

/** What a run is made of. */
export interface TrustRunOptions {
  readonly ports: TrustPorts;
  readonly own: OwnSignatures;
  readonly through: Exclude<PromoteStage, 'promote'>;
  /** Null where the run does not attest. */
  readonly attester: Attester | null;
  readonly sources: SourcesByPlace;
}

/**
 * Signs and attests the digests of one run, each once, however many projects and edges wait for it. What is verified to be there
 * already is left alone: that is how a killed run resumes.
 */
export class TrustRun {
  readonly #options: TrustRunOptions;
  readonly #signed = new Map<string, Promise<ExaminedEvidence>>();
  readonly #attested = new Map<string, Promise<void>>();
  readonly #results = { sign: new ResultsByProject(), attest: new ResultsByProject() };

  constructor(options: TrustRunOptions) {
    this.#options = options;
  }

  /** Resolves when the digest and all its children are signed and, if the run goes that far, the digest is attested. */
  async ensure(request: TrustRequest): Promise<void> {
    const { project, place, closure } = request;
    await this.noting({ project, place, digest: closure.root.digest }, () => this.#ensureLeased(request));
  }

  /** Does some work for a digest; where that fails before the digest has a result of its own, the failure is its result. */
  async noting<Value>(about: DigestOfProject, work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (error) {
      const { sign, attest } = this.#results;
      if (!sign.has(about) && !attest.has(about)) this.#addFailure('sign', about, error);
      throw error;
    }
  }

  async #ensureLeased(request: TrustRequest): Promise<void> {
    if (this.#options.attester === null) return this.#ensure(request);
    const { place, closure } = request;
    // What lies beside it is read while signing: nobody else may attest from then on.
    await using _lease = await this.#lease('attest', { place, document: closure.root });
    await this.#ensure(request);
  }

  async #ensure({ closure, place, project, facts }: TrustRequest): Promise<void> {
    const { root } = closure;
    const below = closure.documents.filter(({ digest }) => digest !== root.digest);
    // Children first: a signed index then says that everything below it is signed as well.
    const children = await settleAll(
      below.map(async (document) => ({ document, known: await this.#sign(project, { place, document }) })),
    );
    const known = await this.#sign(project, { place, document: root });
    await this.#attest(project, { place, document: root, facts, known, children });
  }

  /** The receipts of one project, one per stage of the run. */
  receiptsOf(project: string, confirmed: boolean, notLookedAt: number): readonly TrustReceipt[] {
    const stages = this.#options.through === 'attest' ? (['sign', 'attest'] as const) : (['sign'] as const);
    return stages.map((stage) =>
      printTrustReceipt({
        project,
        stage,
        confirmed,
        notLookedAt,
        digests: this.#results[stage].of(project),
        certificates: this.#options.ports.signer.counts().certificates,
      }),
    );
  }

  #sign(project: string, target: SigningTarget): Promise<ExaminedEvidence> {
    const about = { project, place: target.place, digest: target.document.digest };
    const known = this.#signed.get(keyOf(about));
    if (known !== undefined) return this.#alsoFor('sign', about, known);
    const work = this.#record('sign', about, () => this.#signOnce(target));
    this.#signed.set(keyOf(about), work);
    return work;
  }

  async #signOnce(target: SigningTarget): Promise<{ written: readonly WrittenEvidence[]; result: ExaminedEvidence }> {
    const { ports, own, sources } = this.#options;
    const staged = sources.signatures(target.place, target.document.digest);
    // Two runs that both find it unsigned would both log a signature; whoever waits finds that of the other.
    await using _lease = await this.#lease('sign', target);
    const known = await readOwnEvidence(target, ports);
    const written = await writeSignatures({ ...target, staged }, missingFormats(target, known, own), ports);
    return { written, result: known };
  }

  /** A name of its own for each stage: a digest that is signed as a child of one index may be attested at the same time. */
  #lease(stage: 'sign' | 'attest', { place, document }: SigningTarget): Promise<TagLease> {
    const { leases, signal } = this.#options.ports;
    return leases.acquire(`${stage} ${place.repository}@${document.digest}`, document.digest, signal);
  }

  async #attest(project: string, target: AttestTarget): Promise<void> {
    const { attester } = this.#options;
    if (attester === null) return;
    const about = { project, place: target.place, digest: target.document.digest };
    const begun = this.#attested.get(keyOf(about));
    if (begun !== undefined) return this.#alsoFor('attest', about, begun);
    const work = this.#record('attest', about, async () => ({
      written: await attester.attest(target),
      result: undefined,
    }));
    this.#attested.set(keyOf(about), work);
    await work;
  }

  /** Work that was begun for another project, or for another index: each project's receipt tells of it once. */
  async #alsoFor<Result>(stage: 'sign' | 'attest', about: DigestOfProject, work: Promise<Result>): Promise<Result> {
    const results = this.#results[stage];
    try {
      const result = await work;
      if (!results.has(about)) results.add(about, { ...named(about), outcome: 'present' });
      return result;
    } catch (error) {
      if (!results.has(about)) this.#addFailure(stage, about, error);
      throw error;
    }
  }

  /** Every digest ends with one result, whatever became of it. */
  async #record<Result>(
    stage: 'sign' | 'attest',
    about: DigestOfProject,
    work: () => Promise<{ readonly written: readonly WrittenEvidence[]; readonly result: Result }>,
  ): Promise<Result> {
    try {
      const { written, result } = await work();
      const outcome = written.length === 0 ? ('present' as const) : ('written' as const);
      this.#results[stage].add(about, { ...named(about), outcome, ...(written.length > 0 && { written }) });
      return result;
    } catch (error) {
      this.#addFailure(stage, about, error);
      throw error;
    }
  }

  #addFailure(stage: 'sign' | 'attest', about: DigestOfProject, error: unknown): void {
    const isCutOff = this.#options.ports.signal?.aborted ?? false;
    const outcome = isCutOff ? ('skipped' as const) : ('failed' as const);
    this.#results[stage].add(about, { ...named(about), outcome, error: receiptErrorOf(error) });
  }
}

function named({ place, digest }: DigestOfProject): Pick<TrustedDigest, 'repository' | 'digest' | 'reference'> {
  return { repository: place.repository, digest, reference: place.reference };
}

/** The values of all, in order; waits for all before it fails with the first failure. */
async function settleAll<Value>(work: readonly Promise<Value>[]): Promise<readonly Value[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

class ResultsByProject {
  readonly #results = new Map<string, Map<string, TrustedDigest>>();

  add(about: DigestOfProject, result: TrustedDigest): void {
    const ofProject = this.#results.get(about.project) ?? new Map<string, TrustedDigest>();
    this.#results.set(about.project, ofProject.set(keyOf(about), result));
  }

  has(about: DigestOfProject): boolean {
    return this.#results.get(about.project)?.has(keyOf(about)) ?? false;
  }

  of(project: string): readonly TrustedDigest[] {
    return [...(this.#results.get(project)?.values() ?? [])];
  }
}

function keyOf({ place, digest }: DigestOfProject): string {
  return `${place.repository}@${digest}`;
}
