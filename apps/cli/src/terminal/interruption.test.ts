// SPDX-License-Identifier: Apache-2.0
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DRAIN_LIMIT_MS, listenForInterruption, SAME_KEYSTROKE_MS } from './interruption.ts';

describe('listenForInterruption', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function setUp(): {
    process: EventEmitter;
    at: (ms: number) => void;
    onFirst: ReturnType<typeof vi.fn>;
    exitNow: ReturnType<typeof vi.fn>;
    interruption: ReturnType<typeof listenForInterruption>;
  } {
    let clock = 0;
    const process = new EventEmitter();
    const [onFirst, exitNow] = [vi.fn(), vi.fn()];
    const interruption = listenForInterruption(process, { onFirst, exitNow, now: () => clock });
    return { process, onFirst, exitNow, interruption, at: (ms) => (clock = ms) };
  }

  it('aborts at the first signal and lets the run drain', () => {
    const { process, onFirst, exitNow, interruption } = setUp();

    process.emit('SIGTERM');

    expect(interruption.signal.aborted).toBe(true);
    expect(onFirst).toHaveBeenCalledWith('SIGTERM');
    expect(exitNow).not.toHaveBeenCalled();
  });

  it('exits at once at the second signal', () => {
    const { process, exitNow, at } = setUp();

    process.emit('SIGINT');
    at(SAME_KEYSTROKE_MS);
    process.emit('SIGINT');

    expect(exitNow).toHaveBeenCalledTimes(1);
  });

  it('takes the copy that a parent hands on for the same keystroke', () => {
    const { process, exitNow, at } = setUp();

    process.emit('SIGINT');
    at(SAME_KEYSTROKE_MS - 1);
    process.emit('SIGINT');

    expect(exitNow).not.toHaveBeenCalled();
  });

  it('exits at the end of the drain limit, and not when the run ended before', () => {
    const first = setUp();
    first.process.emit('SIGINT');
    vi.advanceTimersByTime(DRAIN_LIMIT_MS);
    expect(first.exitNow).toHaveBeenCalledTimes(1);

    const second = setUp();
    second.process.emit('SIGINT');
    second.interruption.dispose();
    vi.advanceTimersByTime(DRAIN_LIMIT_MS);
    expect(second.exitNow).not.toHaveBeenCalled();
    expect(second.process.listenerCount('SIGINT')).toBe(0);
  });
});
