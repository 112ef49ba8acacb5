// SPDX-License-Identifier: Apache-2.0
import { parseDigest, parseRepository } from '@promograph/oci';
import type { EvidenceRecord, SourceEvidence } from '@promograph/report';
import type { Scanner } from '@promograph/provenance';
import type { CallOptions } from '@promograph/registry';
import type { EvidenceDigests } from '@promograph/signing';
import pLimit from 'p-limit';
import { dueKey } from '../due-digests.ts';
import { childrenOf } from './gate-children.ts';
import type { DueDigest, EvidenceSource, EvidenceWants, GateChild } from './gate-ports.ts';
import { evidenceRequest, type LiveEvidenceOptions } from './live-evidence.ts';

/** Digests listed at once. */
const DIGESTS_AT_ONCE = 128;

/** Lists the evidence of due digests for a snapshot: digests only, so that a validation can verify exactly those. */
export async function recordEvidence(
  due: readonly DueDigest[],
  wants: RecordWants,
  options: LiveEvidenceOptions,
): Promise<readonly SourceEvidence[]> {
  const limit = pLimit(DIGESTS_AT_ONCE);
  return Promise.all(due.map((one) => limit(() => recordOne(one, wants, options))));
}

/** What a snapshot records beside digests. */
export interface RecordWants extends EvidenceWants {
  /** Levels below an index that are looked at. */
  readonly levels: number;
  /** Null where nothing is scanned, or findings are attestations among the evidence. */
  readonly scanner: Scanner | null;
}

async function recordOne(due: DueDigest, wants: RecordWants, options: LiveEvidenceOptions): Promise<SourceEvidence> {
  const own = await listed(due, wants, options);
  const below = await childrenOf(due, wants.levels, options);
  const children = await Promise.all(
    below.map(async ({ digest, isDirect, isIndex }) => ({
      ...(await listed({ ...due, digest }, { ...wants, signatures: false }, options)),
      ...(!isDirect && ({ isNested: true } as const)),
      ...(isIndex && ({ isIndex } as const)),
    })),
  );
  return { source: due.source, ...own, ...(children.length > 0 && { children }) };
}

async function listed(due: DueDigest, wants: RecordWants, options: LiveEvidenceOptions): Promise<EvidenceRecord> {
  const calling: CallOptions = options.signal === undefined ? {} : { signal: options.signal };
  const request = evidenceRequest(due, wants, options.seen);
  const repository = parseRepository(due.source);
  const [found, scan] = await Promise.all([
    options.store.listEvidence(repository, due.digest, request, calling),
    wants.scanner?.findings(repository, due.digest, options.signal),
  ]);
  return {
    digest: due.digest,
    ...(found.sig !== null && { sig: found.sig }),
    ...(found.att !== null && { att: found.att }),
    referrers: found.referrers,
    ...(scan !== undefined && { scan }),
  };
}

/** Evidence exactly as a snapshot names it, read by digest. A digest that the snapshot does not name has none. */
export function recordedEvidence(
  records: readonly SourceEvidence[],
  options: Pick<LiveEvidenceOptions, 'store' | 'signal'>,
): EvidenceSource {
  const byKey = new Map<string, EvidenceRecord>();
  const children = new Map<string, readonly GateChild[]>();
  for (const record of records) {
    const key = keyOf(record.source, record.digest);
    byKey.set(key, record);
    children.set(
      key,
      (record.children ?? []).map(({ digest, isNested, isIndex }) => ({
        digest: parseDigest(digest),
        isDirect: isNested !== true,
        isIndex: isIndex === true,
      })),
    );
    for (const child of record.children ?? []) byKey.set(keyOf(record.source, child.digest), child);
  }
  const calling: CallOptions = options.signal === undefined ? {} : { signal: options.signal };
  return {
    read: (due) => {
      const digests = evidenceDigests(byKey.get(dueKey(due)));
      return options.store.gatherExact(parseRepository(due.source), due.digest, digests, calling);
    },
    childrenOf: async (due) => children.get(dueKey(due)) ?? [],
  };
}

function keyOf(source: string, digest: string): string {
  return `${source}@${digest}`;
}

function evidenceDigests(record: EvidenceRecord | undefined): EvidenceDigests {
  return {
    sig: record?.sig === undefined ? null : parseDigest(record.sig),
    att: record?.att === undefined ? null : parseDigest(record.att),
    referrers: (record?.referrers ?? []).map(parseDigest),
  };
}
