// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestOf } from '@promograph/oci';
import type { PolicyResult } from '@promograph/provenance';
import type { BundleReferrer, SignatureLayer } from '@promograph/signing';
import { describe, expect, it } from 'vitest';
import type { GateVerdict } from '../gate/gate-ports.ts';
import type { WorkGroup } from '../work-group.ts';
import { SourcesByPlace } from './sources-by-place.ts';

const DIGEST = digestOf('the image');
const PLACE = { repository: 'registry.example/prod/app' };

const groupOf = (source: string): WorkGroup => ({
  project: 'app',
  source: `staging.example/${source}`,
  digest: DIGEST,
  byDestination: new Map(),
});
const canonical = {
  placeOf: () => ({ ...PLACE, reference: 'images.example/app' }),
  problemOf: () => null,
};
const referrer = (name: string): BundleReferrer => ({
  layout: 'bundle',
  manifest: digestOf(`manifest ${name}`),
  manifestBytes: Buffer.from(name),
  layer: digestOf(name),
  annotatedType: null,
  bytes: Buffer.from(name),
});
const layer = (name: string): SignatureLayer => ({
  layout: 'sig',
  manifest: digestOf(`manifest ${name}`),
  layer: digestOf(name),
  annotations: {},
  bytes: Buffer.from(name),
});
const levelThree: PolicyResult = {
  isSatisfied: true,
  level: 3,
  ceiling: 3,
  provenance: null,
  isThroughChildren: false,
  violations: [],
  accepted: [],
  children: [],
};
const verdictOf = (about: string, parts: Partial<GateVerdict>): readonly [string, GateVerdict] => {
  const source = `staging.example/${about}`;
  const gated = { source, digest: DIGEST, signature: { verdict: 'absent' as const } };
  const none = { policies: [], policyProjects: [], carriable: [], signatures: [], failure: null };
  return [`${source}@${DIGEST}`, { gated, ...none, ...parts }];
};

describe('an image that two staging repositories hold', () => {
  const verdicts = new Map<string, GateVerdict>([
    verdictOf('one', {
      policies: [levelThree],
      policyProjects: ['one'],
      carriable: [referrer('provenance'), referrer('sbom')],
      signatures: [layer('by the builder')],
    }),
    verdictOf('two', { carriable: [referrer('provenance'), referrer('scan')], signatures: [layer('by the release')] }),
  ]);
  const due = [groupOf('two'), groupOf('one')];

  it('133. brings the attestations of both, each once', () => {
    const { carried } = new SourcesByPlace({ due, verdicts, canonical }).findings(PLACE, DIGEST);

    expect(carried.map(({ bytes }) => bytes.toString()).sort()).toEqual(['provenance', 'sbom', 'scan']);
  });

  it('brings the verified signatures of both', () => {
    const signatures = new SourcesByPlace({ due, verdicts, canonical }).signatures(PLACE, DIGEST);

    expect(signatures.map(({ bytes }) => bytes.toString())).toEqual(['by the builder', 'by the release']);
  });

  it('127. is summarised with what was found of both, whichever comes first', () => {
    const both = [due, due.toReversed()].map((order) =>
      new SourcesByPlace({ due: order, verdicts, canonical }).findings(PLACE, DIGEST),
    );

    const sources = [
      { repository: 'staging.example/one', results: [levelThree] },
      { repository: 'staging.example/two', results: [] },
    ];
    expect(both.map((findings) => findings.sources)).toEqual([sources, sources]);
    expect(both.map(({ policyProjects }) => policyProjects)).toEqual([['one'], ['one']]);
  });

  it('speaks of the source alone that this run promotes it from', () => {
    const found = new SourcesByPlace({ due: [groupOf('two')], verdicts, canonical }).findings(PLACE, DIGEST);

    expect(found.sources.map(({ repository }) => repository)).toEqual(['staging.example/two']);
    expect(found.policyProjects).toEqual([]);
  });

  it('has nothing to say of another digest, or elsewhere', () => {
    const sources = new SourcesByPlace({ due, verdicts, canonical });
    const other: Digest = digestOf('another image');

    expect(sources.findings(PLACE, other)).toEqual({ sources: [], carried: [], policyProjects: [] });
    expect(sources.signatures({ repository: 'registry.example/prod/b' }, DIGEST)).toEqual([]);
  });
});
