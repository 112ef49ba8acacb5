// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCertificateHolder } from './certificate-holder.ts';
import type { IssuedCertificate } from './signing-certificate.ts';

/** An authority and a clock that only its answers and the test move. */
class Authority {
  nowMs: number = Date.parse('2026-11-21T00:00:00Z');
  issued = 0;
  readonly #lifeMs: number;
  readonly #latencyMs: () => number;
  readonly #backdatedMs: number;

  constructor(lifeMs: number, latencyMs: () => number = () => 0, backdatedMs = 0) {
    this.#lifeMs = lifeMs;
    this.#latencyMs = latencyMs;
    this.#backdatedMs = backdatedMs;
  }

  issue = async (): Promise<IssuedCertificate> => {
    const latencyMs = this.#latencyMs();
    this.nowMs += Math.ceil(latencyMs / 2);
    const notBeforeMs = this.nowMs - this.#backdatedMs;
    this.issued += 1;
    await Promise.resolve();
    this.nowMs += Math.floor(latencyMs / 2);
    return {
      sign: () => Buffer.alloc(0),
      verifierPem: String(this.issued),
      verifier: { kind: 'certificate', der: Buffer.alloc(0), chainPem: '' },
      notBeforeMs,
      notAfterMs: notBeforeMs + this.#lifeMs,
    };
  };

  holder(): ReturnType<typeof createCertificateHolder> {
    return createCertificateHolder({ issue: this.issue, epochMs: () => this.nowMs });
  }
}

describe('createCertificateHolder', () => {
  it('never gives a certificate past half of its life, whatever that is', async () => {
    const ms = fc.integer({ min: 0, max: 20_000 });
    const lives = fc.integer({ min: 2, max: 900_000 });
    await fc.assert(
      fc.asyncProperty(lives, fc.array(fc.tuple(ms, ms), { maxLength: 30 }), ms, async (lifeMs, steps, backdatedMs) => {
        let latencyMs = 0;
        const authority = new Authority(lifeMs, () => latencyMs, backdatedMs);
        const holder = authority.holder();
        for (const [waitMs, nextLatencyMs] of steps) {
          latencyMs = nextLatencyMs;
          authority.nowMs += waitMs;
          const asked = [holder.current(), holder.current()];
          for (const result of await Promise.allSettled(asked)) {
            if (result.status === 'rejected') {
              expect(result.reason).toMatchObject({ code: 'SIGNING_CERTIFICATE' });
              continue;
            }
            const { notBeforeMs, notAfterMs } = result.value as IssuedCertificate;
            expect(authority.nowMs).toBeLessThan(notBeforeMs + (notAfterMs - notBeforeMs) / 2);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('asks once per half-life, however many sign', async () => {
    const authority = new Authority(600_000);
    const holder = authority.holder();
    for (let minute = 0; minute < 20; minute += 1) {
      await Promise.all(Array.from({ length: 50 }, () => holder.current()));
      authority.nowMs += 60_000;
    }

    expect(authority.issued).toBe(4);
  });

  it('counts from the question where the clock of the authority is ahead', async () => {
    const authority = new Authority(600_000, () => 0, -3600_000);
    const holder = authority.holder();
    await holder.current();
    authority.nowMs += 299_999;
    await holder.current();
    expect(authority.issued).toBe(1);
    authority.nowMs += 1;
    await holder.current();
    expect(authority.issued).toBe(2);
  });

  it('gives no certificate that is half over when it comes', async () => {
    const authority = new Authority(8000, () => 9000);

    await expect(authority.holder().current()).rejects.toMatchObject({ code: 'SIGNING_CERTIFICATE', retryable: true });
  });

  it('gives another after one was discarded, but only once for all who discard the same', async () => {
    const authority = new Authority(600_000);
    const holder = authority.holder();
    const first = await holder.current();
    holder.discard(first);
    const second = await holder.current();
    holder.discard(first);

    expect(await holder.current()).toBe(second);
    expect(authority.issued).toBe(2);
  });

  it('lets one who waits leave without stopping the others', async () => {
    const authority = new Authority(600_000);
    const holder = authority.holder();
    const leaving = new AbortController();
    const [left, stayed] = [holder.current(leaving.signal), holder.current()];
    leaving.abort(new Error('gone'));

    await expect(left).rejects.toThrow('gone');
    await expect(stayed).resolves.toMatchObject({ verifierPem: '1' });
  });

  it('asks again after a failure', async () => {
    const authority = new Authority(600_000);
    let failures = 1;
    const issue = (): Promise<IssuedCertificate> =>
      (failures -= 1) >= 0 ? Promise.reject(new Error('down')) : authority.issue();
    const holder = createCertificateHolder({ issue, epochMs: () => authority.nowMs });

    await expect(holder.current()).rejects.toThrow('down');
    await expect(holder.current()).resolves.toMatchObject({ verifierPem: '1' });
  });
});
