// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import type { Statement } from '@promograph/signing';
import { digestSet, isOwnStatement, ownStatement, type StatementTarget } from './own-statement.ts';
import { printTime } from './print-time.ts';

/** Predicate type of promotion records, unless configured otherwise: it names the schema of the fields. */
export const PROMOTION_PREDICATE_TYPE = 'https://k8s.io/promo-tools/promotion/v1';

/** The promotion of one digest to one reference. */
export interface PromotionRecordInput extends StatementTarget {
  readonly predicateType?: string;
  /** Staging repository `host/path`; null where it is no longer known. */
  readonly source: string | null;
  /** The same for all records of a run. */
  readonly timestamp: Date;
  /** URI of the promoter, with its version. */
  readonly builderId: string;
  /** Every tag of the digest at this reference. */
  readonly tags: readonly string[];
  readonly manifest: RecordedManifest | null;
  readonly promoter: { readonly version: string; readonly gitCommit?: string };
  readonly job: RecordedJob | null;
}

/** The reviewed file that names the digest. */
export interface RecordedManifest {
  /** Path relative to the repository's root. */
  readonly path: string;
  readonly gitCommit: string | null;
  /** `git+https://...`, without credentials. */
  readonly uri: string | null;
}

/** The job that promoted, as Prow names its parts. */
export interface RecordedJob {
  readonly name: string;
  readonly type?: string;
  readonly buildId?: string;
  readonly prowJobId?: string;
}

/** The statement of a promotion. Empty fields are left out, as protobuf's JSON does. */
export function promotionRecord(input: PromotionRecordInput): Statement {
  const { digest, reference, source, manifest } = input;
  const predicate = {
    srcRef: source === null ? '' : `${source}@${digest}`,
    dstRef: reference,
    digest,
    timestamp: printTime(input.timestamp),
    builderId: input.builderId,
    tags: [...new Set(input.tags)].sort(),
    source: source === null ? null : resource(source, digest),
    destination: resource(reference, digest),
    manifest: manifest && {
      name: manifest.path,
      uri: manifest.uri,
      digest: manifest.gitCommit === null ? null : { gitCommit: manifest.gitCommit },
    },
    promoter: { version: input.promoter.version, gitCommit: input.promoter.gitCommit },
    job: input.job && {
      name: input.job.name,
      type: input.job.type,
      buildId: input.job.buildId,
      prowJobId: input.job.prowJobId,
    },
  };
  return ownStatement(input, input.predicateType ?? PROMOTION_PREDICATE_TYPE, withoutEmpty(predicate));
}

/** Whether a statement, once verified, is a promotion record of `target`. */
export function isRecordFor(
  statement: Statement,
  target: StatementTarget,
  predicateType: string = PROMOTION_PREDICATE_TYPE,
): boolean {
  return statement.predicateType === predicateType && isOwnStatement(statement, target);
}

function resource(name: string, digest: Digest): unknown {
  return { name, digest: digestSet(digest) };
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, part]): [string, unknown] => [key, withoutEmpty(part)]);
  return Object.fromEntries(entries.filter(([, part]) => !isEmpty(part)));
}

function isEmpty(part: unknown): boolean {
  if (part === undefined || part === null || part === '') return true;
  return typeof part === 'object' && Object.keys(part).length === 0;
}
