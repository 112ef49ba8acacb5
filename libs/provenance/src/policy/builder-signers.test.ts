// SPDX-License-Identifier: Apache-2.0
import type { ProvenanceBuilder, ProvenancePolicy } from '@promograph/manifest';
import type { Examination, SignerPrincipal } from '@promograph/signing';
import { describe, expect, it } from 'vitest';
import { BUILDER, DIGEST, examined, ISSUER, person, policyWith, provenanceOf, SIGNER } from '../evidence.testing.ts';
import { evaluatePolicy, type PolicyResult } from '../index.ts';

const GENERATOR = `sigstore::${ISSUER}::generator@example.org`;
const SELF = 'https://builder.example.org/self';
const generator = person('generator@example.org');
const builder = (id: string, level: 1 | 2 | 3, ...signers: string[]): ProvenanceBuilder => {
  return { id, level, signers, caller: null };
};
const bound = (level: 0 | 2 | 3 = 0): ProvenancePolicy =>
  policyWith({ signers: [SIGNER, GENERATOR], builders: [builder(SELF, 1), builder(BUILDER, 3, GENERATOR)], level });
const claim = (id: string, signer: SignerPrincipal = person('build@example.org')): Examination =>
  examined(provenanceOf({ builder: id }), { signer });
const evaluate = (policy: ProvenancePolicy, ...examinations: Examination[]): PolicyResult =>
  evaluatePolicy(policy, { digest: DIGEST, image: 'app', examinations, children: [] });
const messages = (result: PolicyResult): string => result.violations.map(({ message }) => message).join('\n');

describe('104. builders that a signer may claim', () => {
  it('a bound signer verifies at the level of its builder, at any ref of it', () => {
    expect(evaluate(bound(3), claim(`${BUILDER}@refs/tags/v1.2.0`, generator))).toMatchObject({
      isSatisfied: true,
      level: 3,
    });
  });

  it('an unbound signer claims only the builders that name nobody', () => {
    expect(evaluate(bound(), claim(SELF))).toMatchObject({ isSatisfied: true, level: 1 });
    expect(messages(evaluate(bound(), claim(BUILDER)))).toContain('builder-id-trusted');
    expect(messages(evaluate(bound(3), claim(SELF)))).toContain('reach SLSA build level 1, the policy requires 3');
  });

  it('a bound signer cannot claim the builders that name nobody', () => {
    expect(messages(evaluate(bound(), claim(SELF, generator)))).toContain('builder-id-trusted');
  });

  it('a signer that no builder leaves room for may claim none', () => {
    const policy = policyWith({ signers: [SIGNER, GENERATOR], builders: [builder(BUILDER, 3, GENERATOR)] });

    expect(messages(evaluate(policy, claim(BUILDER)))).toContain('its signer may claim no builder of the policy');
  });

  it('a signer that matches two of the policy verifies at the lowest level of their builders', () => {
    const everybody = `sigstore(identityMatch=regex)::${ISSUER}::.*@example[.]org`;
    const builders = [builder(BUILDER, 3, GENERATOR), builder(SELF, 2, everybody)];
    const policy = policyWith({ signers: [GENERATOR, everybody], builders });

    expect(evaluate(policy, claim(BUILDER, generator))).toMatchObject({ isSatisfied: true, level: 2, ceiling: 2 });
    expect(evaluate({ ...policy, level: 3 }, claim(BUILDER, generator)).isSatisfied).toBe(false);
  });

  it('an id with a ref is trusted at that ref only', () => {
    const policy = policyWith({ builders: [builder(`${BUILDER}@refs/tags/v1`, 3)] });

    expect(evaluate(policy, claim(`${BUILDER}@refs/tags/v1`)).isSatisfied).toBe(true);
    expect(evaluate(policy, claim(`${BUILDER}@refs/tags/v2`)).isSatisfied).toBe(false);
    expect(evaluate(policy, claim(BUILDER)).isSatisfied).toBe(false);
  });

  it('of several provenances that pass the highest level counts, whichever comes first', () => {
    const low = claim(SELF);
    const high = claim(BUILDER, generator);

    for (const evidence of [
      [low, high],
      [high, low],
    ]) {
      const result = evaluate(bound(), ...evidence);
      expect(result).toMatchObject({ isSatisfied: true, level: 3, provenance: high.place });
      expect(result.accepted).toHaveLength(2);
    }
  });
});

describe('builder-identity-bound', () => {
  const ACTIONS = 'https://token.actions.example.org';
  const workflow = 'https://github.com/example/app/.github/workflows/build.yml';
  const released =
    'https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml';
  const delegator =
    'https://github.com/slsa-framework/slsa-github-generator/.github/workflows/delegator_generic_slsa3.yml';
  const run = (id: string, subject: string, uri: string | null = null): PolicyResult => {
    const base = id.split('@')[0] ?? '';
    const policy = policyWith({
      signers: [`sigstore(identityMatch=regex)::${ACTIONS}::.*`],
      builders: [builder(base, 3)],
    });
    return evaluate(policy, claim(id, person(subject, ACTIONS, uri)));
  };

  it.each<[string, string, string, string | null]>([
    ['a workflow that signs for itself', `${workflow}@refs/heads/main`, `${workflow}@refs/heads/main`, null],
    ['a workflow named at a commit', `${workflow}@${'a'.repeat(40)}`, `${workflow}@refs/heads/main`, null],
    ['a released generator', `${released}@refs/tags/v2.1.0`, `${released}@refs/tags/v2.1.0`, null],
    ['a delegator for the builder it ran', 'https://example.org/delegated', `${delegator}@refs/tags/v2.1.0`, null],
    [
      'a run in the repository of the sources',
      `${workflow}@refs/heads/main`,
      `${workflow}@refs/heads/main`,
      'https://github.com/example/app/.github/workflows/release.yml@refs/heads/main',
    ],
  ])('holds for %s', (_name, id, subject, uri) => {
    expect(run(id, subject, uri)).toMatchObject({ isSatisfied: true, level: 3 });
  });

  it.each<[string, string, string, string | null]>([
    ['another workflow', `${workflow}@refs/heads/main`, `${workflow.replace('build', 'evil')}@refs/heads/main`, null],
    ['the workflow at another ref', `${workflow}@refs/heads/main`, `${workflow}@refs/pull/1/merge`, null],
    ['somebody who is no workflow', `${workflow}@refs/heads/main`, 'person@example.org', null],
    ['a workflow for a builder elsewhere', 'https://example.org/elsewhere', `${workflow}@refs/heads/main`, null],
    ['a generator from a branch', `${released}@refs/heads/main`, `${released}@refs/heads/main`, null],
    ['a delegator from a branch', 'https://example.org/delegated', `${delegator}@refs/heads/main`, null],
    [
      'a run of another repository',
      `${released}@refs/tags/v2.1.0`,
      `${released}@refs/tags/v2.1.0`,
      'https://github.com/example/evil/.github/workflows/release.yml@refs/heads/main',
    ],
  ])('fails for %s', (_name, id, subject, uri) => {
    const result = run(id, subject, uri);

    expect(result.violations.map(({ code }) => code)).toEqual(['PROVENANCE_BINDING']);
    expect(messages(result)).toContain('builder-identity-bound');
  });
});
