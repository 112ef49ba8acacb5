// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isAtOrBelow,
  digestOf,
  isLoopbackHost,
  isRegistryHost,
  isRepositoryPath,
  isTag,
  parseReference,
  parseRepository,
  printReference,
  printRepository,
} from './index.ts';

const component = fc.stringMatching(/^[a-z0-9]{1,8}(?:[._-][a-z0-9]{1,4}|__[a-z0-9]{1,4}|-{2,3}[a-z0-9]{1,3})?$/);
const path = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const host = fc.constantFrom('registry.example.org', 'localhost:5000', '[::1]:5000', '127.0.0.1', 'Example.ORG', 'a');
const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/);
const digest = fc.uint8Array().map((bytes) => digestOf(bytes));

describe('a tag', () => {
  it.each(['a', '_', 'latest', '_latest', '_____----hello........', 't'.repeat(128), '1.10'])('is %s', (text) => {
    expect(isTag(text)).toBe(true);
  });

  it.each(['', '.', '-', '안녕', 'a b', 't'.repeat(129), 'a\n', 'a/b', 'a:b'])('is not %j', (text) => {
    expect(isTag(text)).toBe(false);
  });
});

describe('a repository path', () => {
  it.each(['a', 'a/b', 'a.b-c_d__e', 'a---b', 'k8s-artifacts-prod/images', 'a'.repeat(255)])('is %s', (text) => {
    expect(isRepositoryPath(text)).toBe(true);
  });

  it.each(['', '/', 'a/', '/a', 'a//b', 'A', 'a..b', 'a___b', '-a', 'a-', 'a:b', 'a@b', 'a b', 'a\n', 'a'.repeat(256)])(
    'is not %j',
    (text) => {
      expect(isRepositoryPath(text)).toBe(false);
    },
  );
});

describe('a registry host', () => {
  it.each([
    'registry',
    'registry.example.org',
    'a.b:443',
    'localhost:5000',
    '[::1]',
    '[2001:db8::1]:5000',
    '10.0.0.1:80',
  ])('is %s', (text) => {
    expect(isRegistryHost(text)).toBe(true);
  });

  it.each(['', ':80', 'a:', 'a:123456', '-a', 'a-', 'a..b', '.a', 'a_b', 'user@a', 'a/b', 'https://a', '[::1', 'a\n'])(
    'is not %j',
    (text) => {
      expect(isRegistryHost(text)).toBe(false);
    },
  );

  it.each([
    ['localhost', true],
    ['LOCALHOST:5000', true],
    ['127.8.9.10:1', true],
    ['[::1]:5000', true],
    ['a.localhost', true],
    ['127.0.0.1.example.org', false],
    ['localhost.example.org', false],
    ['10.0.0.1', false],
    ['notlocalhost', false],
  ])('%s names this machine: %s', (text, isLoopback) => {
    expect(isLoopbackHost(text)).toBe(isLoopback);
  });
});

describe('a repository', () => {
  it('printed and parsed again is the same', () => {
    fc.assert(
      fc.property(host, path, (registry, name) => {
        const repository = { host: registry, path: name };
        expect(parseRepository(printRepository(repository))).toEqual(repository);
      }),
    );
  });

  it.each([
    ['no slash', 'registry', 'OCI_INVALID_REPOSITORY'],
    ['an empty path', 'registry/', 'OCI_INVALID_REPOSITORY'],
    ['an upper-case path', 'registry/A', 'OCI_INVALID_REPOSITORY'],
    ['a tag', 'registry/a:1', 'OCI_INVALID_REPOSITORY'],
    ['no host', '/a', 'OCI_INVALID_HOST'],
    ['a scheme', 'https://registry/a', 'OCI_INVALID_HOST'],
  ])('is refused with %s', (_name, text, code) => {
    expect(() => parseRepository(text)).toThrow(expect.objectContaining({ code }));
  });
});

describe('a reference', () => {
  it('printed and parsed again is the same', () => {
    const repository = fc.record({ host, path });
    fc.assert(
      fc.property(fc.record({ repository, tag: fc.option(tag), digest: fc.option(digest) }), (reference) => {
        expect(parseReference(printReference(reference))).toEqual(reference);
      }),
    );
  });

  it('takes a colon before a slash for a port', () => {
    expect(parseReference('localhost:5000/a')).toMatchObject({
      repository: { host: 'localhost:5000', path: 'a' },
      tag: null,
    });
    expect(parseReference('localhost:5000/a:v1')).toMatchObject({ tag: 'v1' });
  });

  it.each([
    ['a malformed digest', 'r/a@sha256:0', 'OCI_INVALID_REFERENCE'],
    ['an empty digest', 'r/a@', 'OCI_INVALID_REFERENCE'],
    ['an empty tag', 'r/a:', 'OCI_INVALID_REFERENCE'],
    ['a malformed tag', 'r/a:.x', 'OCI_INVALID_REFERENCE'],
    ['no repository', 'a:v1', 'OCI_INVALID_REPOSITORY'],
  ])('is refused with %s', (_name, text, code) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code }));
  });
});

describe('isAtOrBelow', () => {
  it.each([
    ['a.example/prod', true],
    ['a.example/prod/app', true],
    ['a.example/production', false],
    ['a.example', false],
  ])('cuts names at slashes only: %s', (name, expected) => {
    expect(isAtOrBelow(name, 'a.example/prod')).toBe(expected);
  });
});
