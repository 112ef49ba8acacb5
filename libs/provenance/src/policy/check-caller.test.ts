// SPDX-License-Identifier: Apache-2.0
import type { ProvenancePolicy } from '@promograph/manifest';
import type { Statement } from '@promograph/signing';
import { describe, expect, it } from 'vitest';
import { DIGEST, examined, person, policyWith, provenanceOf, SOURCE, statementOf, V02 } from '../evidence.testing.ts';
import { evaluatePolicy, type PolicyResult } from '../index.ts';
import { parseBuildConfigUri, printWorkflowRun, type WorkflowRun } from './workflow-run.ts';

const ISSUER = 'https://token.actions.githubusercontent.com';
const GENERATOR =
  'https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml';
const SUBJECT = `${GENERATOR}@refs/tags/v2.1.0`;
const SIGNER = `sigstore::${ISSUER}::${SUBJECT}`;
const RELEASE: WorkflowRun = {
  repository: `https://${SOURCE}`,
  path: '.github/workflows/build.yml',
  ref: 'refs/tags/v1.2.0',
};
const at = (ref: string): WorkflowRun => ({ ...RELEASE, ref });
const foreign: WorkflowRun = { ...RELEASE, repository: 'https://github.com/example/other' };

const withCaller = (workflows: readonly string[], parts: Partial<ProvenancePolicy> = {}): ProvenancePolicy =>
  policyWith({
    signers: [SIGNER],
    builders: [{ id: GENERATOR, level: 3, signers: [SIGNER], caller: { workflows, refs: ['refs/tags/v*'] } }],
    ...parts,
  });
const POLICY = withCaller([RELEASE.path]);

const v1 = (workflow?: unknown): Statement =>
  provenanceOf({ builder: SUBJECT, ...(workflow !== undefined && { workflow }) });
const v02 = (workflow: WorkflowRun): Statement => {
  const uri = `git+${workflow.repository}@${workflow.ref}`;
  const predicate = {
    builder: { id: SUBJECT },
    buildType: 'https://github.com/slsa-framework/slsa-github-generator/container@v1',
    invocation: { configSource: { uri, entryPoint: workflow.path } },
    metadata: { buildInvocationID: '1' },
    materials: [{ uri }],
  };
  return statementOf(V02, predicate, DIGEST);
};
const evaluate = (statement: Statement, run: WorkflowRun | null, policy: ProvenancePolicy = POLICY): PolicyResult => {
  const signer = person(SUBJECT, ISSUER, run === null ? null : printWorkflowRun(run));
  return evaluatePolicy(policy, {
    digest: DIGEST,
    image: 'app',
    examinations: [examined(statement, { signer })],
    children: [],
  });
};

describe('123. a builder with a caller', () => {
  it.each<[string, Statement, WorkflowRun, ProvenancePolicy]>([
    ['an allowed caller', v1(RELEASE), RELEASE, POLICY],
    ['an allowed caller of SLSA v0.2', v02(RELEASE), RELEASE, POLICY],
    [
      'any workflow where only refs are named',
      v1({ ...RELEASE, path: 'x' }),
      { ...RELEASE, path: 'x' },
      withCaller([]),
    ],
    ['a source that is spelled as URL', v1(RELEASE), RELEASE, withCaller([], { sources: [`https://${SOURCE}`] })],
    ['a source with .git', v1(RELEASE), RELEASE, withCaller([], { sources: [`https://${SOURCE}.git`] })],
  ])('verifies %s at its level', (_name, statement, run, policy) => {
    expect(evaluate(statement, run, policy)).toMatchObject({ isSatisfied: true, level: 3 });
  });

  it.each<[string, Statement, WorkflowRun | null, string]>([
    ['a caller at a branch', v1(at('refs/heads/main')), at('refs/heads/main'), 'allows the refs refs/tags/v*'],
    ['a caller of a pull request', v1(at('refs/pull/1/merge')), at('refs/pull/1/merge'), 'allows the refs'],
    ['a tag one level down', v1(at('refs/tags/v1/x')), at('refs/tags/v1/x'), 'allows the refs'],
    [
      'another workflow',
      v1({ ...RELEASE, path: '.github/workflows/other.yml' }),
      { ...RELEASE, path: '.github/workflows/other.yml' },
      `allows the workflows ${RELEASE.path}`,
    ],
    ['another caller than the certificate names', v1(RELEASE), at('refs/tags/v1.3.0'), 'but its signing certificate'],
    ['no caller in the provenance', v1(), RELEASE, 'it names no calling workflow'],
    ['no caller in the certificate', v1(RELEASE), null, 'its signing certificate names no calling workflow'],
    ['a caller that is no object', v1('not a workflow'), RELEASE, 'its calling workflow is not'],
    ['SLSA v0.2 of a branch', v02(at('refs/heads/main')), at('refs/heads/main'), 'allows the refs'],
    ['SLSA v0.2 of another caller than the certificate', v02(RELEASE), at('refs/tags/v1.3.0'), 'but its signing'],
  ])('rejects %s', (_name, statement, run, message) => {
    const result = evaluate(statement, run);

    expect(result.violations.map(({ code }) => code)).toEqual(['PROVENANCE_CALLER']);
    expect(result.violations[0]?.message).toContain(message);
  });

  it('rejects a caller in another repository already for its binding to the sources', () => {
    const result = evaluate(v1(foreign), foreign);

    expect(result.violations.map(({ code }) => code)).toEqual(['PROVENANCE_BINDING']);
  });

  it('rejects a caller in another repository also where nothing else binds it', () => {
    const person2 = person('build@example.org', ISSUER, printWorkflowRun(foreign));
    const signer = `sigstore::${ISSUER}::build@example.org`;
    const builder = {
      id: 'https://builder.example.org',
      level: 3,
      signers: [],
      caller: { workflows: [], refs: ['refs/*/*'] },
    } as const;
    const policy = policyWith({ signers: [signer], builders: [builder] });
    const statement = provenanceOf({ builder: builder.id, workflow: foreign });

    const result = evaluatePolicy(policy, {
      digest: DIGEST,
      image: 'app',
      examinations: [examined(statement, { signer: person2 })],
      children: [],
    });

    expect(result.violations[0]?.message).toContain('which is not in a source of the policy');
  });

  it('does not read a caller for builders that demand none', () => {
    const builders = [
      { id: GENERATOR, level: 3, signers: [SIGNER], caller: null },
      { id: `${GENERATOR}@refs/tags/v0.9.0`, level: 3, signers: [SIGNER], caller: { workflows: [], refs: ['refs/x'] } },
    ] as const;

    expect(evaluate(v1('not a workflow'), RELEASE, policyWith({ signers: [SIGNER], builders })).isSatisfied).toBe(true);
  });

  it('must satisfy every matching builder that constrains it', () => {
    const builders = [
      { id: GENERATOR, level: 3, signers: [SIGNER], caller: { workflows: [], refs: ['refs/tags/v*'] } },
      { id: SUBJECT, level: 3, signers: [SIGNER], caller: { workflows: [], refs: ['refs/tags/v2*'] } },
    ] as const;
    const policy = policyWith({ signers: [SIGNER], builders });

    expect(evaluate(v1(RELEASE), RELEASE, policy).isSatisfied).toBe(false);
    expect(evaluate(v1(at('refs/tags/v2.0.0')), at('refs/tags/v2.0.0'), policy).isSatisfied).toBe(true);
  });
});

describe('124. a Build Config URI', () => {
  const REPOSITORY = 'https://github.com/org/repo';

  it.each([
    [`${REPOSITORY}/.github/workflows/build.yml@refs/tags/v1.2.0`, '.github/workflows/build.yml', 'refs/tags/v1.2.0'],
    [
      `${REPOSITORY}/.github/workflows/nested/b.yml@refs/heads/main`,
      '.github/workflows/nested/b.yml',
      'refs/heads/main',
    ],
  ])('%s is a workflow at a ref', (uri, path, ref) => {
    expect(parseBuildConfigUri(uri)).toEqual({ repository: REPOSITORY, path, ref });
  });

  it.each([
    ['of GitLab', 'https://gitlab.com/org/repo/.gitlab-ci.yml@refs/heads/main'],
    ['without a ref', `${REPOSITORY}/.github/workflows/build.yml`],
    ['without a path', `${REPOSITORY}@refs/heads/main`],
    ['with an empty ref', `${REPOSITORY}/.github/workflows/build.yml@`],
    ['that is empty', ''],
  ])('one %s is none', (_name, uri) => {
    expect(parseBuildConfigUri(uri)).toBeNull();
  });
});
