// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { DEFAULT_SIGNER_EMAIL, type RunningSigstore } from '@promograph/devstack';
import { createMemoryLeaseStore, createMemoryLimiter } from '@promograph/limiter';
import { type Digest, parseDigest, parseRepository } from '@promograph/oci';
import { createRegistryClient, profileOf } from '@promograph/registry';
import {
  createExaminer,
  createSignatureStore,
  type Evidence,
  type Examination,
  judgeImage,
  judgeStatement,
  parseTrustedRoot,
  type VerdictKind,
} from '@promograph/signing';

/** A digest at a registry, and the name that its signature must carry. */
export interface Watched {
  /** `host/path`. */
  readonly repository: string;
  readonly digest: string;
  readonly reference: string;
}

/** What lies beside a digest and is verified to be by the lab's default account for its reference, each piece counted. */
export interface Kept {
  readonly sig: number;
  /** Bundles by predicate type. */
  readonly bundles: Readonly<Record<string, number>>;
  /** Pieces of any kind that are not ours. */
  readonly other: number;
}

/** Looks at evidence as whoever pulls an image does: nothing of a run's own knowledge plays a part. */
export class EvidenceWatch {
  readonly #client = createRegistryClient({
    limiter: createMemoryLimiter({ capFor: () => null }),
    profileFor: (host) => profileOf(host),
    credentials: { find: async () => null },
  });
  readonly #store = createSignatureStore({ client: this.#client, leases: createMemoryLeaseStore() });
  readonly #examiner: ReturnType<typeof createExaminer>;
  readonly #issuer: string;

  constructor(sigstore: RunningSigstore) {
    const root = parseTrustedRoot(readFileSync(sigstore.files.trustedRoot), 'trusted_root.json');
    this.#examiner = createExaminer({ trustedRoots: [root] });
    this.#issuer = sigstore.url;
  }

  /** The verdict of our own verifier on the signatures of an image. */
  async verdict(watched: Watched): Promise<VerdictKind> {
    const { evidence, examinations } = await this.#examined(watched);
    return judgeImage(examinations, evidence, this.#expectation(watched)).kind;
  }

  async kept(watched: Watched): Promise<Kept> {
    const { examinations } = await this.#examined(watched);
    const ours = examinations.filter((one) => this.#isOurs(one, watched));
    const bundles = ours.filter(({ piece }) => piece.layout === 'bundle');
    const byType = Object.groupBy(bundles, ({ predicateType }) => predicateType ?? 'none');
    return {
      sig: ours.filter(({ piece }) => piece.layout === 'sig').length,
      bundles: Object.fromEntries(Object.entries(byType).map(([type, found = []]) => [type, found.length])),
      other: examinations.length - ours.length,
    };
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #examined({ repository, digest }: Watched): Promise<{
    readonly evidence: Evidence;
    readonly examinations: readonly Examination[];
  }> {
    const request = { signatures: true, attestations: true, referrers: true };
    const evidence = await this.#store.gather(parseRepository(repository), parseDigest(digest), request);
    const examine = evidence.pieces.map((piece) => this.#examiner.examine(piece, repository));
    return { evidence, examinations: await Promise.all(examine) };
  }

  #isOurs(examination: Examination, watched: Watched): boolean {
    const expectation = this.#expectation(watched);
    const { piece, predicateType } = examination;
    if (piece.layout === 'sig') {
      const evidence = { repository: parseRepository(watched.repository), subject: expectation.subject };
      const alone = { ...evidence, pieces: [piece], excess: null, unreadable: [] };
      return judgeImage([examination], alone, expectation).kind === 'verified';
    }
    const predicateTypes = predicateType === null ? [] : [predicateType];
    return judgeStatement(examination, { ...expectation, predicateTypes }).kind === 'verified';
  }

  #expectation({ digest, reference }: Watched): {
    readonly subject: Digest;
    readonly reference: string;
    readonly signers: Parameters<typeof judgeImage>[2]['signers'];
  } {
    const signers = [{ kind: 'identity', subject: DEFAULT_SIGNER_EMAIL, issuer: this.#issuer }] as const;
    return { subject: parseDigest(digest), reference, signers };
  }
}
