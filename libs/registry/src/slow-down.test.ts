// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { slowDownOf } from './slow-down.ts';

describe('slowDownOf', () => {
  it.each([
    ['no header', {}, {}],
    ['requests left', { 'ratelimit-remaining': '99;w=21600' }, {}],
    ['none left of a short window', { 'ratelimit-remaining': '0;w=30' }, { isSlowDown: true }],
    ['none left of six hours at Docker Hub', { 'ratelimit-remaining': '0;w=21600' }, {}],
    [
      'none left until a reset',
      { 'ratelimit-remaining': '0', 'ratelimit-reset': '7' },
      { isSlowDown: true, retryAfterMs: 7000 },
    ],
    [
      'a reset in a day, which is too long to wait for unasked',
      { 'ratelimit-remaining': '0', 'ratelimit-reset': '86400' },
      { isSlowDown: true, retryAfterMs: 60_000 },
    ],
    [
      'a fraction of a call left at Azure',
      { 'x-ms-ratelimit-remaining-calls-per-second': '0.4' },
      { isSlowDown: true },
    ],
    ['calls left at Azure', { 'x-ms-ratelimit-remaining-calls-per-second': '332.3' }, {}],
    ['something that is no number', { 'ratelimit-remaining': 'plenty' }, {}],
    ['a header that was sent twice', { 'ratelimit-remaining': ['0', '0'] }, {}],
  ])('%s', (_name, headers, expected) => {
    expect(slowDownOf(headers)).toEqual(expected);
  });
});
