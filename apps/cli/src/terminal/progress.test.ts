// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeWorld } from '../fake-context.testing.ts';
import { NOTABLE_WAIT_MS, Notices, REPEAT_MS } from './notices.ts';
import { PLAIN_LINE_MS, Progress } from './progress.ts';

describe('progress without a terminal', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is a plain line every 30 seconds, and nothing on short runs', () => {
    const world = fakeWorld();
    const progress = new Progress({ stderr: world.context.stderr, isVerbose: false, live: null, now: () => 0 });
    progress.onEvent({ type: 'progress', stage: 'read', done: 3, total: 40 });
    vi.advanceTimersByTime(PLAIN_LINE_MS - 1);
    expect(world.stderr()).toBe('');

    vi.advanceTimersByTime(1);
    progress.onEvent({ type: 'bytes', copiedBytes: 1024, mountedBytes: 2048 });
    progress.onEvent({ type: 'progress', stage: 'promote', done: 1, total: 2 });
    vi.advanceTimersByTime(2 * PLAIN_LINE_MS);
    progress.stop();
    vi.advanceTimersByTime(PLAIN_LINE_MS);

    const promoting = 'promoting: 1 of 2 edges, 1.0 KiB copied, 2.0 KiB mounted';
    expect(world.stderr()).toBe(`reading registries: 3 of 40 repositories\n${promoting}\nstill ${promoting}\n`);
  });

  it('is one live line on a terminal, out of the way while a notice is printed', () => {
    const world = fakeWorld();
    const live = { show: vi.fn(), stop: vi.fn() };
    const progress = new Progress({ stderr: world.context.stderr, isVerbose: false, live, now: () => 0 });
    progress.onEvent({ type: 'bytes', copiedBytes: 0, mountedBytes: 0 });
    vi.advanceTimersByTime(1000);
    progress.onEvent({ type: 'notice', message: 'artifacts are not kept' });
    progress.stop();

    expect(live.show).toHaveBeenLastCalledWith('promoting');
    expect(world.stderr()).toBe('artifacts are not kept\n');
    expect(live.stop).toHaveBeenCalledTimes(2);
  });
});

describe('notices', () => {
  const wait = { type: 'wait', host: 'a.example', waitedMs: NOTABLE_WAIT_MS } as const;
  const credential = { type: 'credential', host: 'a.example', source: 'config.json' } as const;

  it('tell a wait once in a while per host, with its length and host', () => {
    let clock = 0;
    const notices = new Notices({ isVerbose: false, now: () => clock });

    expect(notices.lineFor({ ...wait, waitedMs: 12_400 })).toBe('waiting 12 s, quota of host a.example');
    expect(notices.lineFor(wait)).toBeNull();
    expect(notices.lineFor({ ...wait, host: 'b.example' })).toBe('waiting 1 s, quota of host b.example');
    clock = REPEAT_MS;
    expect(notices.lineFor(wait)).toBe('waiting 1 s, quota of host a.example');
  });

  it('leave the ordinary pace of a budget out', () => {
    const notices = new Notices({ isVerbose: false, now: () => 0 });

    expect(notices.lineFor({ ...wait, waitedMs: NOTABLE_WAIT_MS - 1 })).toBeNull();
    expect(notices.lineFor({ type: 'retry', host: 'a.example', reason: '503', delayMs: 200 })).toBeNull();
  });

  it('tell the source of credentials with --verbose alone', () => {
    const [quiet, verbose] = [false, true].map((isVerbose) => new Notices({ isVerbose, now: () => 0 }));

    expect(quiet?.lineFor(credential)).toBeNull();
    expect(verbose?.lineFor(credential)).toBe('a.example: credentials from config.json');
    expect(verbose?.lineFor(wait)).not.toBeNull();
    expect(verbose?.lineFor(wait)).not.toBeNull();
  });
});
