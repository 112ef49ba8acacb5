// SPDX-License-Identifier: Apache-2.0
import type { AttestSettings } from '@promograph/manifest';
import { type ManifestDocument, parseRepository } from '@promograph/oci';
import {
  childSources,
  type ExaminedEvidence,
  isRecordFor,
  isSummaryFor,
  promotionRecord,
  SUMMARY_PREDICATE_TYPE,
  summaryOutcome,
  type SummarySource,
  verificationSummary,
} from '@promograph/provenance';
import type { WrittenEvidence } from '@promograph/report';
import { matchesSigner, type Statement } from '@promograph/signing';
import { BUILDER_ID, PROMOTER_VERSION } from '../promoter-version.ts';
import { hasStatement } from './has-statement.ts';
import type { PromotionFacts } from './promotion-facts.ts';
import type { RunFacts } from './run-facts.ts';
import { type SigningTarget, subjectOf } from './sign-digest.ts';
import { writeStatement, writing } from './write-statement.ts';
import type { OwnSignatures, TrustPorts } from './trust-ports.ts';

/** A signed digest that statements are to be made about. */
export interface AttestTarget extends SigningTarget {
  readonly facts: PromotionFacts;
  readonly known: ExaminedEvidence;
  /** Platform images below an index, with what lies beside them. */
  readonly children: readonly { readonly document: ManifestDocument; readonly known: ExaminedEvidence }[];
}

/** What statements are made with. */
export interface AttesterOptions {
  readonly ports: TrustPorts;
  readonly own: OwnSignatures;
  readonly settings: AttestSettings;
  readonly run: RunFacts;
  /** Told what was left out, and why. */
  readonly onWarning: (message: string) => void;
}

/** Says in signed statements what is known of the promotion of a digest, each once. */
export class Attester {
  readonly #options: AttesterOptions;
  /** Summaries of this run by `repository@digest`: an image may be a child of several indexes. */
  readonly #summarised = new Map<string, Promise<readonly WrittenEvidence[]>>();

  constructor(options: AttesterOptions) {
    this.#options = options;
  }

  /** Writes what no verified statement of ours says yet. Empty when all was there. */
  async attest(target: AttestTarget): Promise<readonly WrittenEvidence[]> {
    const carried = await this.#carry(target);
    const record = await this.#record(target);
    const summaries = await this.#summaries(target);
    return [...carried, ...record, ...summaries];
  }

  /** Accepted attestations of the source, byte for byte as they were verified. */
  async #carry({ place, document, facts }: AttestTarget): Promise<readonly WrittenEvidence[]> {
    const { store, signal } = this.#options.ports;
    const repository = parseRepository(place.repository);
    const written: WrittenEvidence[] = [];
    const failures: unknown[] = [];
    // One after the other: a registry without referrers keeps them all in one index. One that fails does not stop the others.
    for (const referrer of facts.carried) {
      try {
        const { status, digest } = await store.carryBundle(repository, document.digest, referrer, writing(signal));
        if (status === 'written') written.push({ layout: 'bundle', digest });
      } catch (error) {
        signal?.throwIfAborted();
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return written;
  }

  async #record(target: AttestTarget): Promise<readonly WrittenEvidence[]> {
    const { ports, own, settings, run } = this.#options;
    const subject = subjectOf(target);
    const { predicateType } = settings;
    const isOurs = (statement: Statement): boolean => isRecordFor(statement, subject, predicateType);
    if (hasStatement(target.known.examinations, { subject, signers: own.signers, predicateType, isOurs })) return [];
    const { facts } = target;
    const statement = promotionRecord({
      ...subject,
      predicateType,
      source: facts.source,
      timestamp: run.timestamp,
      builderId: BUILDER_ID,
      tags: facts.tags,
      manifest: {
        path: `${run.revision?.prefix ?? ''}${facts.imagesFile}`,
        gitCommit: run.revision?.commit ?? null,
        uri: run.revision?.uri ?? null,
      },
      promoter: { version: PROMOTER_VERSION },
      job: run.job,
    });
    return [await writeStatement(target, statement, ports)];
  }

  async #summaries(target: AttestTarget): Promise<readonly WrittenEvidence[]> {
    const { facts, children } = target;
    const { sources } = facts;
    const written = [...(await this.#summaryOnce(target, sources))];
    for (const { document, known } of children) {
      const child = { ...target, document, known };
      written.push(...(await this.#summaryOnce(child, childSources(document.digest, sources))));
    }
    return written;
  }

  /** Told once as well: whoever asks again has written nothing. */
  async #summaryOnce(target: AttestTarget, sources: readonly SummarySource[]): Promise<readonly WrittenEvidence[]> {
    const key = `${target.place.repository}@${target.document.digest}`;
    const begun = this.#summarised.get(key);
    if (begun !== undefined) {
      await begun;
      return [];
    }
    const work = this.#summary(target, sources);
    this.#summarised.set(key, work);
    return work;
  }

  async #summary(target: AttestTarget, sources: readonly SummarySource[]): Promise<WrittenEvidence[]> {
    const { ports, own, settings, run, onWarning } = this.#options;
    const { summarySigner } = ports;
    const { verifierId } = settings;
    if (settings.summaries === 'off' || summarySigner === null || verifierId === null) return [];
    const subject = subjectOf(target);
    const predicateType = SUMMARY_PREDICATE_TYPE;
    const isOurs = (statement: Statement): boolean => isSummaryFor(statement, { ...subject, verifierId });
    const search = { subject, signers: own.summarySigners, predicateType, isOurs };
    if (hasStatement(target.known.examinations, search)) return [];
    const name = `${subject.reference}@${subject.digest}`;
    if (this.#isSigningIdentity(settings.identity) && summaryOutcome(sources).verificationResult === 'FAILED') {
      onWarning(`${name}: no summary, because a failed one is never signed by the identity that signs images`);
      return [];
    }
    const summary = verificationSummary({
      ...subject,
      verifierId,
      version: PROMOTER_VERSION,
      timeVerified: run.timestamp,
      policy: {
        repository: run.revision?.uri ?? null,
        gitCommit: run.revision?.commit ?? null,
        manifestFiles: target.facts.manifestFiles.map((file) => `${run.revision?.prefix ?? ''}${file}`),
      },
      sources,
    });
    if ('statement' in summary)
      return [await writeStatement(target, summary.statement, { ...ports, signer: summarySigner })];
    onWarning(`${name}: no summary: ${summary.omitted}`);
    return [];
  }

  /** Also one that signed images once: its statements are taken for ours. */
  #isSigningIdentity(identity: AttestSettings['identity']): boolean {
    if (identity === null) return true;
    const principal = { kind: 'certificate', ...identity, buildConfigUri: null } as const;
    return this.#options.own.signers.some((signer) => matchesSigner(principal, signer));
  }
}
