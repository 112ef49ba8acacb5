// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import { compareText } from '@promograph/plan';
import type { BundleReferrer, SignatureLayer } from '@promograph/signing';
import type { SummarySource } from '@promograph/provenance';
import { dueKey } from '../due-digests.ts';
import type { DueDigest, GateVerdict } from '../gate/gate-ports.ts';
import type { WorkGroup } from '../work-group.ts';
import type { CanonicalPlace, CanonicalRepositories } from './canonical-repositories.ts';

/** What this run knows of a digest from all the repositories that it is promoted from. */
export interface SourceFindings {
  /** One for each source repository, sorted. */
  readonly sources: readonly SummarySource[];
  /** Attestations that all policies of one source accepted, each once. */
  readonly carried: readonly BundleReferrer[];
  /** Projects whose policies were asked, sorted. */
  readonly policyProjects: readonly string[];
}

/** What the sources are found in. */
export interface SourcesByPlaceOptions {
  /** What passed the gate in this run. */
  readonly due: readonly WorkGroup[];
  readonly verdicts: ReadonlyMap<string, GateVerdict>;
  readonly canonical: Pick<CanonicalRepositories, 'placeOf' | 'problemOf'>;
}

/**
 * The sources of each digest at its canonical repository. Two staging repositories may hold the same image: what is written
 * there once speaks of both, whichever of them is promoted first.
 */
export class SourcesByPlace {
  readonly #options: SourcesByPlaceOptions;
  readonly #sources = new Map<string, Map<string, DueDigest>>();

  constructor(options: SourcesByPlaceOptions) {
    this.#options = options;
    const { canonical, due } = options;
    for (const { project, source, digest } of due) {
      if (canonical.problemOf(project, source, digest) !== null) continue;
      const key = keyOf(canonical.placeOf(project, source, digest), digest);
      const sources = this.#sources.get(key) ?? new Map<string, DueDigest>();
      this.#sources.set(key, sources.set(source, { source, digest }));
    }
  }

  findings(place: Pick<CanonicalPlace, 'repository'>, digest: Digest): SourceFindings {
    const found = this.#of(place, digest);
    const carried = new Map(
      found.flatMap(({ verdict }) => (verdict?.carriable ?? []).map((referrer) => [referrer.manifest, referrer])),
    );
    const projects = new Set(found.flatMap(({ verdict }) => verdict?.policyProjects ?? []));
    return {
      sources: found.map(({ source, verdict }) => ({ repository: source, results: verdict?.policies ?? [] })),
      carried: [...carried.values()].sort((a, b) => compareText(a.manifest, b.manifest)),
      policyProjects: [...projects].sort(compareText),
    };
  }

  /** Signatures in the `.sig` layout that the gate verified at the sources, each once. */
  signatures(place: Pick<CanonicalPlace, 'repository'>, digest: Digest): readonly SignatureLayer[] {
    return this.#of(place, digest).flatMap(({ verdict }) => verdict?.signatures ?? []);
  }

  #of(
    place: Pick<CanonicalPlace, 'repository'>,
    digest: Digest,
  ): readonly { readonly source: string; readonly verdict: GateVerdict | undefined }[] {
    const due = [...(this.#sources.get(keyOf(place, digest))?.values() ?? [])];
    return due
      .sort((a, b) => compareText(a.source, b.source))
      .map((one) => ({ source: one.source, verdict: this.#options.verdicts.get(dueKey(one)) }));
  }
}

function keyOf({ repository }: Pick<CanonicalPlace, 'repository'>, digest: Digest): string {
  return `${repository}@${digest}`;
}
