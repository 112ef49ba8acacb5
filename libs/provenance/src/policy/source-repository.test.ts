// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { isSameRepository } from './source-repository.ts';

describe('a source repository', () => {
  it.each([
    ['github.com/org/repo', 'git+https://github.com/org/repo@refs/heads/main'],
    ['github.com/org/repo', 'https://github.com/org/repo'],
    ['github.com/org/repo', 'https://GitHub.com/org/repo.git'],
    ['github.com/org/repo', 'https://github.com/org/repo.git#refs/heads/main'],
    ['github.com/org/repo/', 'git+ssh://github.com/org/repo/'],
    ['https://github.com/org/repo', 'git+https://github.com/org/repo@v1'],
    ['https://github.com/org/repo.git', 'https://github.com/org/repo'],
    ['github.com/org/repo', 'github.com/org/repo@evil.example/org/other'],
  ])('%s is meant by %s', (expected, recorded) => {
    expect(isSameRepository(expected, recorded)).toBe(true);
  });

  it.each([
    ['github.com/org/repo', 'https://github.com/org/repository'],
    ['github.com/org/repo', 'https://github.com/org/repo/sub'],
    ['github.com/org/repo', 'https://github.com/Org/repo'],
    ['github.com/org/repo', 'https://github.com@evil.example/org/repo'],
    ['github.com/org/repo', 'https://evil.example/github.com/org/repo'],
    ['github.com/org/repo', 'https://github.com/org/other/../repo'],
    ['github.com/org/repo', 'https://github.com//org/repo'],
    ['github.com/org/repo', 'https://github.com/org/repo?x=1'],
    ['github.com/org/repo', 'https://github.com/org%2frepo'],
    ['github.com/org/repo', 'https://github.com.evil.example/org/repo'],
    ['https://github.com/org/repo', 'http://github.com/org/repo'],
    ['github.com/org/repo', ''],
    ['github.com/org/repo', '@refs/heads/main'],
  ])('%s is not %s', (expected, recorded) => {
    expect(isSameRepository(expected, recorded)).toBe(false);
  });
});
