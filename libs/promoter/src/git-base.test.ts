// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { baseForDate, baseForProw } from './git-base.ts';
import { checkRef } from './git-command.ts';
import { GitRepository } from './git-repository.testing.ts';

const GIT_ERROR = expect.objectContaining({ code: 'PROMOTER_GIT' });

describe('baseForProw', () => {
  it.each([
    ['a presubmit starts at its base', { JOB_TYPE: 'presubmit', PULL_BASE_SHA: 'abc123' }, 'abc123'],
    ['a batch starts at its base', { JOB_TYPE: 'batch', PULL_BASE_SHA: 'abc123' }, 'abc123'],
    ['a postsubmit starts one commit back', { JOB_TYPE: 'postsubmit', PULL_BASE_SHA: 'abc123' }, 'HEAD^'],
  ])('%s', (_, env, expected) => {
    expect(baseForProw(env)).toBe(expected);
  });

  it.each([
    ['no job', {}],
    ['another job', { JOB_TYPE: 'periodic' }],
    ['a presubmit without a base', { JOB_TYPE: 'presubmit' }],
    ['a base that is an option', { JOB_TYPE: 'presubmit', PULL_BASE_SHA: '--output=x' }],
  ])('refuses %s', (_, env) => {
    expect(() => baseForProw(env)).toThrow(GIT_ERROR);
  });
});

describe('checkRef', () => {
  it.each(['main', 'origin/release-1.2', 'v1.0.0', 'HEAD^', 'HEAD~3', 'main@{upstream}', 'a'.repeat(40)])(
    'takes %s',
    (ref) => {
      expect(() => checkRef(ref)).not.toThrow();
    },
  );

  it.each(['', '-x', '--upload-pack=x', 'a b', 'a\nb', 'main:images', 'a..b', ':/fix', 'a\u0000'])(
    'refuses %j',
    (ref) => {
      expect(() => checkRef(ref)).toThrow(GIT_ERROR);
    },
  );
});

describe('baseForDate', () => {
  it('is the parent of the oldest commit that is newer', async () => {
    using repository = new GitRepository();
    const old = repository.commit('2026-01-01T00:00:00Z');
    repository.commit('2026-02-01T00:00:00Z');
    repository.commit('2026-02-02T00:00:00Z');

    expect(await baseForDate(repository.place, '2026-01-20')).toBe(old);
  });

  it('is the empty tree when every commit is newer', async () => {
    using repository = new GitRepository();
    repository.commit('2026-02-01T00:00:00Z');

    expect(await baseForDate(repository.place, '2026-01-20')).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904');
  });

  it('is HEAD when nothing is newer', async () => {
    using repository = new GitRepository();
    repository.commit('2026-02-01T00:00:00Z');

    expect(await baseForDate(repository.place, '2026-03-01')).toBe('HEAD');
  });

  it('takes a date that looks like an option for a date', async () => {
    using repository = new GitRepository();
    repository.commit('2026-02-01T00:00:00Z');

    await expect(baseForDate(repository.place, '--all --output=/tmp/x')).resolves.toBeTypeOf('string');
  });

  it('says so outside of a repository', async () => {
    using repository = new GitRepository();
    const place = { ...repository.place, dir: '/' };

    await expect(baseForDate(place, '14 days')).rejects.toThrow(GIT_ERROR);
  });
});
