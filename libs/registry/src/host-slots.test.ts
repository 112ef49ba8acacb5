// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it, vi } from 'vitest';
import { HostSlots } from './host-slots.ts';

const taken = (): HostSlots => {
  const slots = new HostSlots(1);
  void slots.take('scan');
  return slots;
};

describe('HostSlots', () => {
  it('gives a free slot at once and hands a returned one to the most urgent', async () => {
    const slots = taken();
    const order: string[] = [];
    const scan = slots.take('scan')?.then(() => order.push('scan'));
    const commit = slots.take('commit')?.then(() => order.push('commit'));

    slots.give();
    await commit;
    slots.give();
    await scan;

    expect(order).toEqual(['commit', 'scan']);
  });

  it('rejects all who wait under a signal with its reason, and no others', async () => {
    const slots = taken();
    const controller = new AbortController();
    const aborted = [slots.take('scan', controller.signal), slots.take('upload', controller.signal)];
    const other = slots.take('scan', new AbortController().signal);

    controller.abort(new Error('stop'));
    slots.give();

    for (const wait of aborted) await expect(wait).rejects.toThrow('stop');
    await expect(other).resolves.toBeUndefined();
  });

  it('rejects at once under a signal that is aborted already', async () => {
    await expect(taken().take('scan', AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
  });

  it('keeps a slot that was handed over when the signal is aborted afterwards', async () => {
    const slots = taken();
    const controller = new AbortController();
    const wait = slots.take('scan', controller.signal);

    slots.give();
    controller.abort(new Error('stop'));

    await expect(wait).resolves.toBeUndefined();
  });

  it('listens once to a signal for all who wait under it, and no longer than they wait', async () => {
    const slots = taken();
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const remove = vi.spyOn(signal, 'removeEventListener');
    const waits = [slots.take('scan', signal), slots.take('scan', signal), slots.take('scan', signal)];

    for (const wait of waits) {
      slots.give();
      await wait;
    }

    expect(add).toHaveBeenCalledTimes(1);
    expect(remove).toHaveBeenCalledTimes(1);
  });
});
