// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from 'vitest';
import type { Question } from './decide.ts';
import { FrontDoor, type FinalDecision } from './front-door.ts';
import type { ProbeOutcome } from './health-table.ts';
import { policyOf, requestOf } from './policy.testing.ts';

const WEST = 'https://west.example/v2/prod/images';
const CANON = 'https://canonical.example/v2/prod/images';
const digestOf = (at: number): string => `sha256:${at.toString(16).padStart(64, '0')}`;
const manifest = (at: number): string => `/v2/p/manifests/${digestOf(at)}`;

let nowMs: number;
let asked: string[];
let answer: (question: Question) => ProbeOutcome | Promise<ProbeOutcome>;
beforeEach(() => {
  nowMs = 0;
  asked = [];
  answer = () => 'present';
});

function openDoor(probe: object = {}, sharesFlights = true): FrontDoor {
  return new FrontDoor({
    policy: policyOf({ probe }),
    key: new Uint32Array([1, 2, 3, 4]),
    now: () => nowMs,
    sharesFlights,
    probe: async (question) => {
      asked.push(question.url);
      return answer(question);
    },
  });
}

/** Where the request goes, and whether it had to wait to learn it. */
async function send(
  door: FrontDoor,
  target: string,
  network = '4 192.0.2',
): Promise<{ to: string; reason: string; waited: boolean }> {
  const decided = door.handle(requestOf(target), () => network);
  const waited = decided instanceof Promise;
  const decision: FinalDecision = await decided;
  return {
    to: decision.kind === 'redirect' ? decision.location : String(decision.status),
    reason: decision.reason,
    waited,
  };
}

describe('a front door', () => {
  it('asks once for a digest that is there, and never again', async () => {
    const door = openDoor();

    expect(await send(door, manifest(1))).toEqual({
      to: `${WEST}/p/manifests/${digestOf(1)}`,
      reason: 'region',
      waited: true,
    });
    nowMs += 1e9;
    expect(await send(door, manifest(1))).toMatchObject({ to: `${WEST}/p/manifests/${digestOf(1)}`, waited: false });
    expect(asked).toEqual([`${WEST}/p/manifests/${digestOf(1)}`]);
  });

  it('tells repositories, kinds and regions apart', async () => {
    const door = openDoor();

    for (const target of [manifest(1), `/v2/q/manifests/${digestOf(1)}`, '/v2/p/manifests/v1'])
      await send(door, target);
    await send(door, manifest(1));

    expect(asked).toHaveLength(3);
  });

  it('remembers a miss for its time, and a tag for its own', async () => {
    answer = () => 'absent';
    const door = openDoor({ missFor: '30s', tagFor: '10s' });
    expect(await send(door, manifest(1))).toMatchObject({
      to: `${CANON}/p/manifests/${digestOf(1)}`,
      reason: 'absent',
    });
    await send(door, '/v2/p/manifests/v1');

    nowMs = 9_900;
    expect(await send(door, '/v2/p/manifests/v1')).toMatchObject({ waited: false });
    nowMs = 10_100;
    answer = () => 'present';
    expect(await send(door, '/v2/p/manifests/v1')).toMatchObject({ to: `${WEST}/p/manifests/v1`, waited: true });
    expect(await send(door, manifest(1))).toMatchObject({ reason: 'absent', waited: false });
    nowMs = 20_200;
    expect(await send(door, '/v2/p/manifests/v1')).toMatchObject({ waited: true });
    nowMs = 30_100;
    expect(await send(door, manifest(1))).toMatchObject({ reason: 'region', waited: true });
  });

  it('never remembers a failure, and leaves the client in its region', async () => {
    answer = () => 'failed';
    const door = openDoor();

    expect(await send(door, manifest(1))).toMatchObject({
      to: `${WEST}/p/manifests/${digestOf(1)}`,
      reason: 'unanswered',
    });
    answer = () => 'absent';
    expect(await send(door, manifest(1))).toMatchObject({ to: `${CANON}/p/manifests/${digestOf(1)}` });
  });

  it('takes denied for absent', async () => {
    answer = () => 'denied';

    expect(await send(openDoor(), manifest(1))).toMatchObject({ reason: 'absent' });
  });

  it('asks a digest once at a time, for a thousand clients at once', async () => {
    let finish: (outcome: ProbeOutcome) => void = () => undefined;
    answer = () => new Promise<ProbeOutcome>((resolve) => (finish = resolve));
    const door = openDoor();

    const waiting = Array.from({ length: 1000 }, () => send(door, manifest(1)));
    finish('present');

    expect((await Promise.all(waiting)).every(({ reason }) => reason === 'region')).toBe(true);
    expect(asked).toHaveLength(1);
    expect(door.probes).toEqual({ asked: 1, joined: 999, spared: 0, refused: 0, overflowed: 0, underWay: 0 });
  });

  it('asks for each client where requests may not wait for each other', async () => {
    const door = openDoor({}, false);

    await Promise.all([send(door, manifest(1)), send(door, manifest(1))]);

    expect(asked).toHaveLength(2);
  });

  it('asks the object store, then the region, and remembers both', async () => {
    answer = ({ backend }) => (backend.kind === 'store' ? 'absent' : 'present');
    const door = openDoor();
    const blob = `/v2/p/blobs/${digestOf(1)}`;

    expect(await send(door, blob)).toMatchObject({ to: `${WEST}/p/blobs/${digestOf(1)}` });
    expect(await send(door, blob)).toMatchObject({ waited: false });
    expect(asked).toEqual([
      `https://bucket.example/containers/images/${digestOf(1)}`,
      `${WEST}/p/blobs/${digestOf(1)}`,
    ]);
  });
});

describe('a front door with a new configuration', () => {
  it('goes on remembering, under the new times', async () => {
    const door = openDoor();
    await send(door, manifest(1));
    const policy = policyOf({ probe: { missFor: '1s' } });

    const next = new FrontDoor({
      policy,
      key: new Uint32Array(4),
      now: () => nowMs,
      previous: door,
      probe: async () => 'absent',
    });

    expect(await send(next, manifest(1))).toMatchObject({ reason: 'region', waited: false });
    await send(next, manifest(2));
    nowMs += 1100;
    expect(await send(next, manifest(2))).toMatchObject({ waited: true });
  });

  it('goes on keeping clients from a region that fails', async () => {
    const door = openDoor();
    const { fall } = door.policy.health;
    for (let at = 0; at < fall; at += 1, nowMs += 10_000) {
      for (const due of door.health.takeDue(nowMs)) {
        door.health.noteCheck(due, due.backend.name === 'west' ? null : 200, nowMs);
      }
    }
    expect(await send(door, '/v2/p/tags/list')).toMatchObject({ reason: 'next-region' });

    const next = new FrontDoor({
      policy: policyOf(),
      key: new Uint32Array(4),
      now: () => nowMs,
      previous: door,
      probe: async () => 'present',
    });

    expect(await send(next, '/v2/p/tags/list')).toMatchObject({ reason: 'next-region' });
  });

  it('starts anew where it is to remember another number', async () => {
    const door = openDoor();
    await send(door, manifest(1));
    const policy = policyOf({ probe: { remember: 10 } });

    const next = new FrontDoor({
      policy,
      key: new Uint32Array(4),
      now: () => nowMs,
      previous: door,
      probe: async () => 'absent',
    });

    expect(await send(next, manifest(1))).toMatchObject({ reason: 'absent' });
  });
});

describe('a flood of random digests', () => {
  it('costs the backends no more than its budget, and only its own network', async () => {
    answer = () => 'absent';
    const door = openDoor({ perSecond: 50, canonicalPerSecond: 20 });

    const reasons = new Map<string, number>();
    for (let at = 0; at < 1000; at += 1) {
      const { reason } = await send(door, manifest(at), '4 203.0.113');
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }

    expect(Object.fromEntries(reasons)).toEqual({ absent: 50, overflow: 20, unanswered: 930 });
    expect(asked).toHaveLength(50);
    expect(await send(door, manifest(4000), '4 203.0.113')).toMatchObject({ reason: 'unanswered', waited: false });
    expect(await send(door, manifest(5000), '4 192.0.2')).toMatchObject({ reason: 'absent' });
  });

  it('does not spend the cap of manifests on blobs', async () => {
    answer = () => 'absent';
    const door = openDoor({ perSecond: 1, canonicalPerSecond: 20 });

    for (let at = 0; at < 100; at += 1) await send(door, `/v2/p/blobs/${digestOf(at)}`);

    expect(door.probes.overflowed).toBe(0);
  });

  it('gets its budget again as time goes by', async () => {
    answer = () => 'absent';
    const door = openDoor({ perSecond: 10 });
    for (let at = 0; at < 100; at += 1) await send(door, manifest(at));
    expect(asked).toHaveLength(10);

    nowMs += 500;
    for (let at = 100; at < 200; at += 1) await send(door, manifest(at));

    expect(asked).toHaveLength(15);
  });

  it('makes no client wait for a backend that answers nobody, but for one that finds out', async () => {
    const waiting: ((outcome: ProbeOutcome) => void)[] = [];
    answer = () => new Promise<ProbeOutcome>((resolve) => waiting.push(resolve));
    const door = openDoor();
    const silent = Array.from({ length: 8 }, (_, at) => send(door, manifest(at)));
    for (const finish of waiting.splice(0)) finish('failed');
    await Promise.all(silent);

    const trial = send(door, manifest(100));
    const others = await Promise.all(Array.from({ length: 50 }, (_, at) => send(door, manifest(200 + at))));
    expect(others.every(({ reason, waited }) => reason === 'unanswered' && !waited)).toBe(true);
    expect(await send(door, manifest(100))).toMatchObject({ reason: 'unanswered', waited: false });
    expect(door.probes).toMatchObject({ asked: 9, spared: 51, underWay: 1 });

    waiting[0]?.('present');
    expect(await trial).toMatchObject({ reason: 'region' });
    answer = () => 'present';
    expect(await send(door, manifest(300))).toMatchObject({ reason: 'region', waited: true });
  });

  it('from everywhere is bounded by what may be under way', async () => {
    answer = () => new Promise<ProbeOutcome>(() => undefined);
    const door = openDoor({ concurrency: 8 });

    for (let at = 0; at < 100; at += 1) void send(door, manifest(at), `4 10.0.${at}`);

    expect(door.probes).toMatchObject({ asked: 8, underWay: 8, refused: 92 });
  });
});
