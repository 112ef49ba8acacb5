// SPDX-License-Identifier: Apache-2.0
import { createMemoryLeaseStore } from '@promograph/limiter';
import type { IdentitySetting } from '@promograph/manifest';
import { digestOf, type Digest, MEDIA_TYPES, parseManifestDocument } from '@promograph/oci';
import type { PolicyResult } from '@promograph/provenance';
import type { BundleReferrer, ImageSigner, SignatureStore } from '@promograph/signing';
import { describe, expect, it } from 'vitest';
import { Attester, type AttestTarget } from './attester.ts';

const ISSUER = 'https://issuer.example.org';
const SIGNER: IdentitySetting = { subject: 'signer@example.org', issuer: ISSUER };
const VERIFIER: IdentitySetting = { subject: 'verifier@example.org', issuer: ISSUER };

/** A policy that is not satisfied: its summary says FAILED. */
const UNSATISFIED: PolicyResult = {
  isSatisfied: false,
  level: 0,
  ceiling: 0,
  provenance: null,
  isThroughChildren: false,
  violations: [],
  accepted: [],
  children: [],
};

type Document = AttestTarget['document'];

function documentOf(name: string): Document {
  const manifests: unknown[] = [];
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests, annotations: { name } }));
  return parseManifestDocument(bytes, MEDIA_TYPES.ociIndex);
}

function target(document: Document, below: readonly Document[] = []): AttestTarget {
  const repository = 'registry.example.org/prod/web';
  const known: AttestTarget['known'] = {
    evidence: {
      repository: { host: 'registry.example.org', path: 'prod/web' },
      subject: document.digest,
      pieces: [],
      excess: null,
      unreadable: [],
    },
    examinations: [],
  };
  return {
    place: { repository, reference: 'images.example.org/web' },
    document,
    known,
    children: below.map((child) => ({ document: child, known })),
    facts: {
      source: 'staging.example.org/web',
      tags: ['v1'],
      imagesFile: 'images/web/images.yaml',
      manifestFiles: ['manifests/web/promoter-manifest.yaml'],
      carried: [],
      sources: [{ repository: 'staging.example.org/web', results: [UNSATISFIED] }],
    },
  };
}

/** An attester whose writes are kept: subject and predicate type of each. */
function attesterAs(
  identity: IdentitySetting | null,
  carryBundle?: SignatureStore['carryBundle'],
): {
  readonly attester: Attester;
  readonly written: { readonly subject: Digest; readonly predicateType: string }[];
  readonly warnings: string[];
} {
  const written: { subject: Digest; predicateType: string }[] = [];
  const warnings: string[] = [];
  const unused = async (): Promise<never> => Promise.reject(new Error('not asked for'));
  const signer: ImageSigner = {
    canSignPayloads: true,
    prepare: async () => undefined,
    signPayload: unused,
    signStatement: async (statement) => ({ bundle: statement, log: null }),
    counts: () => ({ tokens: 0, certificates: 0, logEntries: 0, timestamps: 0 }),
    close: async () => undefined,
  };
  const store: SignatureStore = {
    gather: unused,
    gatherExact: unused,
    listEvidence: unused,
    addSignatures: unused,
    carryBundle: carryBundle ?? unused,
    attachBundle: async (_, { digest }, { bytes, predicateType }) => {
      written.push({ subject: digest, predicateType });
      return { status: 'written', digest: digestOf(bytes) };
    },
  };
  const attester = new Attester({
    ports: {
      signer,
      summarySigner: signer,
      store,
      examiner: { examine: unused },
      leases: createMemoryLeaseStore(),
      signal: undefined,
    },
    own: {
      signers: [{ kind: 'identity', ...SIGNER }],
      summarySigners: [{ kind: 'identity', ...(identity ?? SIGNER) }],
      formats: ['bundle'],
    },
    settings: {
      isConfigured: true,
      predicateType: 'https://example.org/promotion/v1',
      verifierId: 'https://example.org/verifier',
      summaries: 'on',
      identity,
      account: null,
    },
    run: {
      timestamp: new Date(0),
      revision: { commit: 'c0ffee', uri: 'git+https://git.example.org/tree', prefix: '' },
      job: null,
    },
    onWarning: (message) => warnings.push(message),
  });
  return { attester, written, warnings };
}

describe('attestations of the source', () => {
  const referrers = ['one', 'broken', 'three'].map((name): BundleReferrer => {
    const bytes = Buffer.from(name);
    const digest = digestOf(bytes);
    return { layout: 'bundle', manifest: digest, manifestBytes: bytes, layer: digest, annotatedType: null, bytes };
  });

  it('133. are all carried but the one that fails, and then nothing is called attested', async () => {
    const carried: string[] = [];
    const { attester, written } = attesterAs(null, async (_, __, { bytes, manifest }) => {
      if (bytes.toString() === 'broken') throw new Error('refused by the registry');
      carried.push(bytes.toString());
      return { status: 'written', digest: manifest };
    });
    const about = target(documentOf('a'));

    await expect(attester.attest({ ...about, facts: { ...about.facts, carried: referrers } })).rejects.toThrow(
      'refused by the registry',
    );

    expect(carried).toEqual(['one', 'three']);
    expect(written).toEqual([]);
  });
});

describe('summaries of one run', () => {
  const shared = documentOf('shared');
  const indexes = ['a', 'b'].map(documentOf);
  const summaries = (written: readonly { subject: Digest; predicateType: string }[]): readonly Digest[] =>
    written.filter(({ predicateType }) => predicateType.includes('summary')).map(({ subject }) => subject);

  it('are written once for an image that several indexes hold', async () => {
    const { attester, written } = attesterAs(VERIFIER);

    await Promise.all(indexes.map((index) => attester.attest(target(index, [shared]))));

    const digests = [...indexes, shared].map(({ digest }) => digest);
    expect([...summaries(written)].sort()).toEqual(digests.sort());
  });

  it.each([
    ['of none', null],
    ['of the signer, named again', SIGNER],
  ])('never say FAILED under the identity that signs images: identity %s', async (_, identity) => {
    const { attester, written, warnings } = attesterAs(identity);

    for (const index of indexes) await attester.attest(target(index));

    expect(summaries(written)).toEqual([]);
    expect(warnings).toHaveLength(indexes.length);
  });
});
