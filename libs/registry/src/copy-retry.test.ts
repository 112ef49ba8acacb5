// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { mayRetry, retryClass, retryDelayMs } from './copy-retry.ts';
import { RegistryError, type RegistryErrorCode } from './registry-error.ts';

const policy = { attempts: 8, baseMs: 100, capMs: 30_000 };

function failure(code: RegistryErrorCode, retryable = false, retryAfterMs?: number): RegistryError {
  return new RegistryError(code, 'failed', { retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}

describe('retryClass', () => {
  it.each<[string, unknown, string]>([
    ['a lost connection', failure('REGISTRY_UNREACHABLE', true), 'fully'],
    ['a host whose certificate is wrong', failure('REGISTRY_UNREACHABLE'), 'never'],
    ['an overloaded host', failure('REGISTRY_UNAVAILABLE', true), 'fully'],
    ['a token that ran out on the way', failure('REGISTRY_UNAUTHORIZED'), 'briefly'],
    ['a session that got lost', failure('REGISTRY_NOT_FOUND'), 'briefly'],
    ['bytes that arrived changed', failure('REGISTRY_DIGEST_MISMATCH', true), 'briefly'],
    ['a full registry', failure('REGISTRY_QUOTA'), 'never'],
    ['a denied write', failure('REGISTRY_FORBIDDEN'), 'never'],
    ['a cancelled call', failure('REGISTRY_CANCELLED'), 'never'],
    ['a socket that broke', Object.assign(new Error('broke'), { code: 'ECONNRESET' }), 'fully'],
    ['a body that stalled', Object.assign(new Error('stalled'), { code: 'UND_ERR_BODY_TIMEOUT' }), 'fully'],
    ['a bug', new TypeError('undefined is not a function'), 'never'],
    ['an aborted stream', Object.assign(new Error('aborted'), { code: 'ABORT_ERR' }), 'never'],
  ])('%s', (_, error, expected) => {
    expect(retryClass(error)).toBe(expected);
  });
});

describe('mayRetry', () => {
  it('counts all attempts, the first one too', () => {
    const error = failure('REGISTRY_UNAVAILABLE', true);

    expect(mayRetry(error, 7, policy)).toBe(true);
    expect(mayRetry(error, 8, policy)).toBe(false);
  });
});

describe('retryDelayMs', () => {
  it('is anything up to the doubled base, and never more than the cap', () => {
    const delay = (failures: number, random: number): number =>
      retryDelayMs(failure('REGISTRY_UNAVAILABLE', true), failures, { policy, random: () => random });

    expect([delay(1, 0), delay(1, 0.5), delay(3, 0.5), delay(20, 0.999_999)]).toEqual([0, 100, 400, 29_999]);
  });

  it('is what the host asks for when that is longer', () => {
    const error = failure('REGISTRY_RATE_LIMITED', true, 5000);

    expect(retryDelayMs(error, 1, { policy, random: () => 0.5 })).toBe(5000);
  });
});
