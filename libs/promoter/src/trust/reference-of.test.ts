// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { distinctReferences, referenceOf } from './reference-of.ts';

const RULES = [{ contains: 'k8s-artifacts-prod/images', to: 'registry.k8s.io' }];

describe('the name that an image is signed under', () => {
  it.each([
    [
      '65. is rewritten up to and including the text of a rule',
      'us-west2-docker.pkg.dev/k8s-artifacts-prod/images/kubernetes/conformance-arm64',
      'registry.k8s.io/kubernetes/conformance-arm64',
    ],
    ['66. is rewritten below any host', 'registry/k8s-artifacts-prod/images/image', 'registry.k8s.io/image'],
    ['67. is the repository itself where no rule matches', 'foo-bar/conformance-arm64', 'foo-bar/conformance-arm64'],
    [
      'is not rewritten in the middle of a component that ends otherwise',
      'host/k8s-artifacts-prod/images-old/app',
      'host/k8s-artifacts-prod/images-old/app',
    ],
    [
      'is not rewritten in the middle of a component that begins otherwise',
      'host/my-k8s-artifacts-prod/images/app',
      'host/my-k8s-artifacts-prod/images/app',
    ],
    [
      'is found behind a part that only looks like it',
      'host/k8s-artifacts-prod/images-old/k8s-artifacts-prod/images/app',
      'registry.k8s.io/app',
    ],
  ])('%s', (_, repository, reference) => {
    expect(referenceOf(repository, RULES)).toBe(reference);
  });

  it('follows the first of several rules', () => {
    const rules = [
      { contains: 'prod/images', to: 'first.example' },
      { contains: 'host/prod', to: 'second.example' },
    ];
    expect(referenceOf('host/prod/images/app', rules)).toBe('first.example/app');
    expect(referenceOf('host/prod/images/app', rules.toReversed())).toBe('second.example/images/app');
  });

  it('is not rewritten at all without rules: nothing is built in', () => {
    const name = 'us-west2-docker.pkg.dev/k8s-artifacts-prod/images/kubernetes/pause';
    expect(referenceOf(name, [])).toBe(name);
  });
});

describe('two repositories', () => {
  const [one, other] = ['a/k8s-artifacts-prod/images/app', 'b/k8s-artifacts-prod/images/app'];

  it('under one name are refused, because they would sign for each other', () => {
    expect(() => distinctReferences([one, other], RULES)).toThrow(
      expect.objectContaining({ code: 'PROMOTER_INVALID_INPUT' }) as Error,
    );
  });

  it('under names of their own are kept apart', () => {
    expect([...distinctReferences([one, 'b/prod/app', one], RULES)]).toEqual([
      [one, 'registry.k8s.io/app'],
      ['b/prod/app', 'b/prod/app'],
    ]);
  });
});
