// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@promograph/oci';
import type { ProvenancePolicy } from '@promograph/manifest';
import type { Examination } from '@promograph/signing';
import { describe, expect, it } from 'vitest';
import {
  BUILDER,
  DIGEST,
  examined,
  ISSUER,
  person,
  policyWith,
  provenanceOf,
  SIGNER,
  SOURCE,
  SPDX,
  statementOf,
  STAGING,
  V02,
} from '../evidence.testing.ts';
import { evaluatePolicy, type PolicyResult } from '../index.ts';

const OTHER: Digest = `sha256:${'2'.repeat(64)}` as Digest;
const FOREIGN = person('someone@example.org');

const evaluate = (examinations: readonly Examination[], policy: ProvenancePolicy = policyWith()): PolicyResult =>
  evaluatePolicy(policy, { digest: DIGEST, image: 'team/app', examinations, children: [] });
const codes = (result: PolicyResult): readonly string[] => result.violations.map(({ code }) => code);
const messages = (result: PolicyResult): string => result.violations.map(({ message }) => message).join('\n');

describe('one provenance', () => {
  it('110. good SLSA v1 provenance satisfies the policy at level 3', () => {
    const good = examined(provenanceOf());

    const result = evaluate([good]);

    expect(result).toMatchObject({ isSatisfied: true, level: 3, ceiling: 3, violations: [], accepted: [good.place] });
    expect(result.provenance).toEqual(good.place);
  });

  it('111. an image without attestations has no SLSA build provenance', () => {
    const result = evaluate([]);

    expect(result).toMatchObject({ isSatisfied: false, level: 0, ceiling: 0, provenance: null });
    expect(messages(result)).toBe('no SLSA build provenance found');
  });

  it.each<[string, Examination, string, string]>([
    [
      'unsigned provenance',
      examined(provenanceOf(), {
        status: 'unverifiable',
        signer: null,
        layout: 'att',
        bytes: Buffer.from(JSON.stringify(provenanceOf())),
      }),
      'PROVENANCE_SIGNATURE',
      'not signed in a way to verify',
    ],
    ['a refuted signature', examined(provenanceOf(), { status: 'failed' }), 'PROVENANCE_SIGNATURE', 'did not verify'],
    [
      'a signature of unknown trust',
      examined(provenanceOf(), { status: 'unverifiable' }),
      'PROVENANCE_SIGNATURE',
      'signature mismatch',
    ],
    ['a foreign signer', examined(provenanceOf(), { signer: FOREIGN }), 'PROVENANCE_SIGNER', 'someone@example.org'],
    [
      'the right subject of another issuer',
      examined(provenanceOf(), { signer: person('build@example.org', 'https://evil.example.org') }),
      'PROVENANCE_SIGNER',
      'https://evil.example.org',
    ],
    [
      'a look-alike that a dot as wildcard would let in',
      examined(provenanceOf(), { signer: person('build@exampleXorg') }),
      'PROVENANCE_SIGNER',
      'none of the policy',
    ],
    [
      'a signer with a key',
      examined(provenanceOf(), { signer: { kind: 'key', hint: 'AAAA' } }),
      'PROVENANCE_SIGNER',
      'key AAAA',
    ],
    ['another digest', examined(provenanceOf({ digest: OTHER })), 'PROVENANCE_SUBJECT', `not about ${DIGEST}`],
    [
      'an untrusted builder',
      examined(provenanceOf({ builder: 'https://elsewhere.example.org' })),
      'PROVENANCE_BUILDER',
      'builder-id-trusted',
    ],
    [
      'a builder that a trusted id is a mere prefix of',
      examined(provenanceOf({ builder: `${BUILDER}-evil@v1` })),
      'PROVENANCE_BUILDER',
      'builder-id-trusted',
    ],
    [
      'another source',
      examined(provenanceOf({ source: 'git+https://github.com/example/other' })),
      'PROVENANCE_SOURCE',
      'source-repo-match',
    ],
    [
      'no source at all',
      examined(provenanceOf({ dependencies: [{ digest: {} }] })),
      'PROVENANCE_SOURCE',
      'it records no source',
    ],
    [
      'a predicate that is not what its type says',
      examined(statementOf('https://slsa.dev/provenance/v1', { buildDefinition: 'none' }, DIGEST)),
      'PROVENANCE_MALFORMED',
      'does not follow its predicate type',
    ],
    [
      'a statement of an unknown type',
      examined({ ...provenanceOf(), _type: 'https://example.org/Statement/v9' }),
      'PROVENANCE_SUBJECT',
      'not about',
    ],
  ])('112. %s is a violation and is not accepted', (_name, examination, code, message) => {
    const result = evaluate([examination]);

    expect(result).toMatchObject({ isSatisfied: false, level: 0, accepted: [] });
    expect(codes(result)).toEqual([code]);
    expect(messages(result)).toContain(message);
    expect(messages(result)).toContain(STAGING);
  });

  it('113. provenance of the second source is as good', () => {
    const result = evaluate([examined(provenanceOf())], policyWith({ sources: ['github.com/example/other', SOURCE] }));

    expect(result).toMatchObject({ isSatisfied: true, level: 3 });
  });

  it('114. one good provenance among bad ones is enough, and only it is accepted', () => {
    const good = examined(provenanceOf());
    const bad = [
      examined(provenanceOf(), { signer: FOREIGN, annotatedType: null }),
      examined(provenanceOf({ builder: 'https://elsewhere.example.org' })),
      examined(provenanceOf({ source: 'git+https://github.com/example/other' })),
      examined(provenanceOf({ digest: OTHER })),
    ];

    const result = evaluate([...bad, good]);

    expect(result).toMatchObject({ isSatisfied: true, level: 3, accepted: [good.place] });
  });

  it('reads SLSA v0.2 provenance, with either spelling of the invocation id', () => {
    const predicate = (metadata: unknown): unknown => ({
      builder: { id: BUILDER },
      buildType: 'https://builder.example.org/type@v1',
      invocation: { configSource: { uri: `git+https://${SOURCE}@refs/tags/v1`, entryPoint: 'build.yaml' } },
      metadata,
      materials: [{ uri: `git+https://${SOURCE}@refs/tags/v1` }],
    });

    for (const metadata of [{ buildInvocationId: '1' }, { buildInvocationID: '1' }]) {
      expect(evaluate([examined(statementOf(V02, predicate(metadata), DIGEST))])).toMatchObject({
        isSatisfied: true,
        level: 3,
      });
    }
    expect(codes(evaluate([examined(statementOf(V02, predicate({}), DIGEST))]))).toEqual(['PROVENANCE_INCOMPLETE']);
  });

  it('takes a regular expression as identity for the whole name only', () => {
    const policy = policyWith({ signers: [`sigstore(identityMatch=regex)::${ISSUER}::build@.*`] });
    const by = (subject: string): PolicyResult =>
      evaluate([examined(provenanceOf(), { signer: person(subject) })], policy);

    expect(by('build@example.org').isSatisfied).toBe(true);
    expect(by('xbuild@example.org').isSatisfied).toBe(false);
    expect(by('build').isSatisfied).toBe(false);
  });
});

describe('levels', () => {
  it('115. without an invocation id, level 0 fails and level 2 passes as level 2', () => {
    const evidence = [examined(provenanceOf({ invocation: null }))];

    expect(messages(evaluate(evidence))).toContain('provenance-has-invocation-id');
    expect(evaluate(evidence, policyWith({ level: 2 }))).toMatchObject({ isSatisfied: true, level: 2, ceiling: 3 });
    expect(evaluate(evidence, policyWith({ level: 3 })).isSatisfied).toBe(false);
  });

  it('without resolved dependencies the third level is out of reach', () => {
    const workflow = { repository: `https://${SOURCE}`, path: 'x', ref: 'y' };
    const evidence = [examined(provenanceOf({ dependencies: [], workflow }))];

    expect(messages(evaluate(evidence))).toContain('provenance-has-resolved-dependencies');
    expect(evaluate(evidence, policyWith({ level: 2 }))).toMatchObject({ isSatisfied: true, level: 2 });
  });

  it('the lowest builder that the signer may claim caps the level', () => {
    const builders = [
      { id: BUILDER, level: 3, signers: [], caller: null },
      { id: 'https://builder.example.org/self', level: 1, signers: [], caller: null },
    ] as const;

    expect(evaluate([examined(provenanceOf())], policyWith({ builders }))).toMatchObject({ level: 1, ceiling: 1 });
  });

  it('122. an image below its own level violates the policy, and its provenance stays accepted', () => {
    const self = 'https://builder.example.org/self';
    const policy = policyWith({
      signers: [SIGNER, `sigstore::${ISSUER}::generator@example.org`],
      builders: [
        { id: self, level: 1, signers: [SIGNER], caller: null },
        { id: BUILDER, level: 3, signers: [`sigstore::${ISSUER}::generator@example.org`], caller: null },
      ],
      levels: [{ images: ['team/*'], level: 3 }],
    });
    const selfSigned = examined(provenanceOf({ builder: self }));
    const isolated = examined(provenanceOf(), { signer: person('generator@example.org') });
    const usurped = examined(provenanceOf());

    const low = evaluate([selfSigned], policy);
    expect(low).toMatchObject({ isSatisfied: false, level: 1, accepted: [selfSigned.place] });
    expect(messages(low)).toBe(
      'its provenance is verified at SLSA build level 1 at most, the policy requires 3 for this image',
    );
    expect(evaluate([selfSigned, isolated], policy)).toMatchObject({
      isSatisfied: true,
      level: 3,
      provenance: isolated.place,
    });
    expect(codes(evaluate([selfSigned, usurped], policy))).toEqual(['PROVENANCE_LEVEL', 'PROVENANCE_BUILDER']);
    const elsewhere = { digest: DIGEST, image: 'other/app', examinations: [selfSigned], children: [] };
    expect(evaluatePolicy(policy, elsewhere)).toMatchObject({ isSatisfied: true, level: 1 });
  });
});

describe('predicate types', () => {
  const demanding = policyWith({ predicateTypes: [SPDX] });
  const sbom = statementOf(SPDX, { spdxVersion: 'SPDX-2.3' }, DIGEST);

  it('120. a demanded predicate type that a signer of the policy attested satisfies it', () => {
    const evidence = [examined(provenanceOf()), examined(sbom)];

    expect(evaluate(evidence, demanding)).toMatchObject({ isSatisfied: true, level: 3 });
    expect(evaluate(evidence, demanding).accepted).toHaveLength(2);
  });

  it.each<[string, readonly Examination[]]>([
    ['missing', []],
    ['unsigned', [examined(sbom, { status: 'unverifiable', signer: null })]],
    ['foreign', [examined(sbom, { signer: FOREIGN })]],
    ['refuted', [examined(sbom, { status: 'failed' })]],
    ['about another digest', [examined(statementOf(SPDX, {}, OTHER))]],
    ['only in the annotation', [examined(statementOf('https://example.org/x', {}, DIGEST), { annotatedType: SPDX })]],
  ])('120. a demanded predicate type that is %s violates it', (_name, evidence) => {
    const result = evaluate([examined(provenanceOf()), ...evidence], demanding);

    expect(result).toMatchObject({ isSatisfied: false, level: 3 });
    expect(codes(result)).toEqual(['PREDICATE_ABSENT']);
    expect(messages(result)).toContain(`no attestation of type ${SPDX}`);
  });
});
