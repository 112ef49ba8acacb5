// SPDX-License-Identifier: Apache-2.0
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { errorMessage, isPromographError, PromographError, redactText, redactUrl, Secret } from './index.ts';

describe('Secret', () => {
  it('shows itself nowhere but through reveal', () => {
    const secret = new Secret('hunter2');
    const shown = [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }, { showHidden: true }),
      `${secret.toString()}`,
    ];

    expect(secret.reveal()).toBe('hunter2');
    for (const text of shown) expect(text).not.toContain('hunter2');
    expect(Object.keys(secret)).toEqual([]);
  });
});

describe('redactUrl', () => {
  it.each([
    ['https://me:pw@host.example.org/v2/', 'https://host.example.org/v2/'],
    [
      'https://host/v2/a/blobs/uploads/1?_state=abc&digest=x',
      'https://host/v2/a/blobs/uploads/1?_state=[redacted]&digest=[redacted]',
    ],
    ['https://host/b?X-Goog-Signature=abc&X-Goog-Signature=def', 'https://host/b?X-Goog-Signature=[redacted]'],
    ['https://host/v2/a/tags/list?n=1000&last=x', 'https://host/v2/a/tags/list?n=1000&last=[redacted]'],
    ['https://host/v2/a/tags/list?n=hunter2', 'https://host/v2/a/tags/list?n=[redacted]'],
    ['redis://me:pw@host:6379/0', 'redis://host:6379/0'],
    ['https://host/plain', 'https://host/plain'],
    ['/relative?token=abc', '/relative?[redacted]'],
  ])('%s', (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });
});

describe('redactText', () => {
  it.each([
    ['a bearer token', 'sent Authorization: Bearer abc.def-123=='],
    ['basic credentials', 'basic YWJjLmRlZi0xMjM='],
    ['a JSON web token', 'got eyJhbGciOi.abc.def-123 from it'],
    ['a password in a URL', 'cannot reach https://me:abc.def-123@host/path'],
    ['a password with an at sign', 'cannot reach https://me:x@abc.def-123@host/path'],
    ['a URL of another scheme without a user', 'cannot reach redis://:abc.def-123@host'],
    ['a JSON member', '{"access_token":"abc.def-123","expires_in":60}'],
    ['a form field', 'token=abc.def-123&scope=x'],
    ['an assignment with blanks', 'password : abc.def-123'],
  ])('replaces %s', (_name, text) => {
    const shown = redactText(text);

    expect(shown).toContain('[redacted]');
    expect(shown).not.toMatch(/abc\.def-123|YWJjLmRlZi0xMjM|eyJhbGciOi/);
  });

  it('leaves ordinary diagnostics alone', () => {
    const text = 'manifest unknown: sha256:abc of https://host/v2/name is not there (tokens left: 3)';

    expect(redactText(text)).toBe(text);
  });
});

describe('PromographError', () => {
  it('keeps code, hint, cause and whether to try again', () => {
    const cause = new Error('below');
    const error = new PromographError('SOME_CODE', 'message', { cause, hint: 'Do it.', retryable: true });

    expect(error).toMatchObject({ code: 'SOME_CODE', message: 'message', hint: 'Do it.', retryable: true, cause });
    expect(new PromographError('SOME_CODE', 'message')).toMatchObject({ hint: undefined, retryable: false });
  });

  it('is named after its class and matched by code', () => {
    class RoomError extends PromographError<'ROOM_A' | 'ROOM_B'> {}
    const error: unknown = new RoomError('ROOM_A', 'm');

    expect(error).toMatchObject({ name: 'RoomError' });
    expect([isPromographError(error), isPromographError(error, 'ROOM_A'), isPromographError(error, 'ROOM_B')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(isPromographError(new Error('other'))).toBe(false);
  });

  it('gives the message of anything thrown', () => {
    expect([errorMessage(new Error('a')), errorMessage('b'), errorMessage(3)]).toEqual(['a', 'b', '3']);
  });
});
