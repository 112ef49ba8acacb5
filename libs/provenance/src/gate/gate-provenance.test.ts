// SPDX-License-Identifier: Apache-2.0
import type { ProvenancePolicy } from '@promograph/manifest';
import { type Digest, parseRepository } from '@promograph/oci';
import type { Evidence, Examination } from '@promograph/signing';
import { describe, expect, it } from 'vitest';
import {
  CHILD_A,
  DIGEST,
  examined,
  ISSUER,
  person,
  policyWith,
  provenanceOf,
  SPDX,
  STAGING,
  statementOf,
} from '../evidence.testing.ts';
import { type AppliedPolicy, type ExaminedEvidence, gateProvenance, type ProvenanceGate } from '../index.ts';

const found = (examinations: readonly Examination[], parts: Partial<Evidence> = {}): ExaminedEvidence => ({
  examinations,
  evidence: {
    repository: parseRepository(STAGING),
    subject: DIGEST,
    pieces: examinations.map(({ piece }) => piece),
    excess: null,
    unreadable: [],
    ...parts,
  },
});
const applied = (policy: ProvenancePolicy, registry = 'staging.example.org/team'): AppliedPolicy => {
  return { policy, registry, projects: ['p'], image: 'app' };
};
interface Case {
  readonly own?: ExaminedEvidence | null;
  readonly children?: readonly { readonly digest: Digest; readonly found: ExaminedEvidence | null }[];
  readonly policies?: readonly ProvenancePolicy[];
}
const gate = ({ own = found([]), children = [], policies = [] }: Case): ProvenanceGate =>
  gateProvenance({
    digest: DIGEST,
    own,
    children,
    policies: policies.map((policy) => applied(policy)),
    signers: [{ kind: 'identity', subject: 'build@example.org', issuer: ISSUER }],
  });
const WARN = policyWith({ mode: 'warn' });
const good = examined(provenanceOf());
const foreign = examined(provenanceOf(), { signer: person('stranger@example.org') });
const refuted = examined(provenanceOf(), { status: 'failed' });

describe('the gate without a policy', () => {
  it('lets an image without provenance pass as absent', () => {
    expect(gate({})).toMatchObject({ verdict: 'absent', mode: 'off', level: null, refusal: null, results: [] });
  });

  it('lets verified provenance pass unchecked', () => {
    expect(gate({ own: found([good]) })).toMatchObject({ verdict: 'unchecked', refusal: null, warnings: [] });
  });

  it.each<[string, Examination, string]>([
    ['of a stranger', foreign, 'stranger@example.org'],
    ['by unknown trust', examined(provenanceOf(), { status: 'unverifiable' }), 'cannot be verified'],
    [
      'that nobody signed',
      examined(provenanceOf(), {
        status: 'failed',
        signer: null,
        layout: 'att',
        bytes: Buffer.from(JSON.stringify(provenanceOf())),
      }),
      'cannot be verified',
    ],
    [
      'that was refuted in the name of a stranger',
      examined(provenanceOf(), { status: 'failed', signer: person('stranger@example.org') }),
      'cannot be verified',
    ],
    ['that was refuted for another image', examined(provenanceOf({ digest: CHILD_A }), { status: 'failed' }), 'cannot'],
  ])('warns of provenance %s and lets it pass', (_name, examination, message) => {
    const result = gate({ own: found([examination]) });

    expect(result.refusal).toBeNull();
    expect(result.warnings).toMatchObject([expect.stringContaining(message)]);
  });

  it.each<[string, Examination]>([
    ['of another type', examined(statementOf(SPDX, {}, DIGEST), { signer: person('stranger@example.org') })],
    ['of another type that failed', examined(statementOf(SPDX, {}, DIGEST), { status: 'failed' })],
    ['about another image', examined(provenanceOf({ digest: CHILD_A }))],
  ])('has nothing to say of attestations %s', (_name, examination) => {
    expect(gate({ own: found([examination]) })).toMatchObject({ verdict: 'absent', refusal: null, warnings: [] });
  });

  it.each<[string, Examination]>([
    ['whose signature is refuted', refuted],
    ['that is no envelope', examined(provenanceOf(), { status: 'failed', layout: 'att', bytes: Buffer.from('junk') })],
    ['that is no bundle', examined(provenanceOf(), { status: 'failed', bytes: Buffer.from('junk') })],
  ])('93. refuses provenance %s, also of a platform image', (_name, examination) => {
    const refusal = { code: 'PROVENANCE_TAMPERED', message: expect.stringContaining('signature mismatch') };

    expect(gate({ own: found([examination, good]) })).toMatchObject({ verdict: 'unsatisfied', refusal });
    expect(gate({ children: [{ digest: CHILD_A, found: found([examination]) }] })).toMatchObject({ refusal });
  });
});

describe('the gate with policies', () => {
  it('is satisfied at the lowest level of all policies', () => {
    const low = policyWith({
      builders: [{ id: 'https://builder.example.org/image', level: 1, signers: [], caller: null }],
    });

    const result = gate({ own: found([good]), policies: [policyWith(), low] });

    expect(result).toMatchObject({ verdict: 'satisfied', mode: 'require', level: 1, refusal: null, warnings: [] });
    expect(result.carriable.referrers).toEqual([good.piece]);
  });

  it('refuses under require with the code of the first violation', () => {
    expect(gate({ policies: [policyWith()] })).toMatchObject({
      verdict: 'unsatisfied',
      mode: 'require',
      level: null,
      refusal: {
        code: 'PROVENANCE_ABSENT',
        message: 'the provenance policy of staging.example.org/team is not satisfied: no SLSA build provenance found',
      },
    });
    expect(gate({ own: found([foreign]), policies: [policyWith()] }).refusal?.code).toBe('PROVENANCE_SIGNER');
    expect(gate({ own: found([refuted]), policies: [policyWith()] }).refusal?.code).toBe('PROVENANCE_SIGNATURE');
  });

  it('refuses when one of several policies is not satisfied', () => {
    const strict = policyWith({ sources: ['github.com/example/other'] });

    expect(gate({ own: found([good]), policies: [policyWith(), strict] }).refusal?.code).toBe('PROVENANCE_SOURCE');
  });

  it('warns under warn, promotes and carries nothing', () => {
    const result = gate({ own: found([foreign]), policies: [WARN] });

    expect(result).toMatchObject({ verdict: 'unsatisfied', mode: 'warn', level: null, refusal: null });
    expect(result.warnings[0]).toContain('is not satisfied');
    expect(result.carriable.referrers).toEqual([]);
  });

  it('under warn refuses what was tampered with in the name of a signer of the policy, too', () => {
    const builder = person('ci@example.org');
    const named = policyWith({ mode: 'warn', signers: [`sigstore::${ISSUER}::ci@example.org`] });
    const forged = found([examined(provenanceOf(), { status: 'failed', signer: builder })]);

    expect(gate({ own: forged, policies: [named] }).refusal?.code).toBe('PROVENANCE_TAMPERED');
    expect(gate({ own: forged, policies: [WARN] }).refusal).toBeNull();
  });

  it('refuses what was tampered with in any name where nobody is expected', () => {
    const forged = examined(provenanceOf(), { status: 'failed', signer: person('stranger@example.org') });
    const input = { digest: DIGEST, own: found([forged]), children: [], policies: [] };

    expect(gateProvenance(input).refusal?.code).toBe('PROVENANCE_TAMPERED');
    expect(gateProvenance({ ...input, signers: [] }).refusal?.code).toBe('PROVENANCE_TAMPERED');
  });

  it('still refuses what was tampered with under warn, and not under require once good provenance is there', () => {
    expect(gate({ own: found([good, refuted]), policies: [WARN] }).refusal?.code).toBe('PROVENANCE_TAMPERED');
    expect(gate({ own: found([good, refuted]), policies: [policyWith()] })).toMatchObject({
      verdict: 'satisfied',
      refusal: null,
    });
  });
});

describe('evidence that allows no conclusion', () => {
  it.each<[string, Case, string]>([
    ['more than the limits let in', { own: found([good], { excess: '600 referrers' }) }, 'EVIDENCE_LIMIT'],
    [
      'a layer above its limit',
      { own: found([good, examined(statementOf(SPDX, {}, DIGEST), { status: 'failed', code: 'EVIDENCE_LIMIT' })]) },
      'EVIDENCE_LIMIT',
    ],
    ['a listing that failed', { own: null }, 'EVIDENCE_UNREADABLE'],
    [
      'a listing of a platform image that failed',
      { own: found([good]), children: [{ digest: CHILD_A, found: null }] },
      'EVIDENCE_UNREADABLE',
    ],
    [
      'a platform image with more than the limits let in',
      { own: found([good]), children: [{ digest: CHILD_A, found: found([], { excess: 'x' }) }] },
      'EVIDENCE_LIMIT',
    ],
  ])('is refused: %s, whatever the mode', (_name, evidence, code) => {
    for (const policies of [[], [WARN], [policyWith()]]) {
      expect(gate({ ...evidence, policies })).toMatchObject({
        verdict: 'unsatisfied',
        level: null,
        refusal: { code },
        carriable: { referrers: [] },
      });
    }
  });

  it('is not a single referrer that cannot be read: that one is reported', () => {
    const own = found([good], { unreadable: [{ location: `${STAGING}@x`, message: 'not JSON' }] });

    expect(gate({ own, policies: [policyWith()] })).toMatchObject({
      verdict: 'satisfied',
      warnings: [`${STAGING}@x is unreadable: not JSON`],
    });
  });
});
