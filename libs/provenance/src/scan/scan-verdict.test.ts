// SPDX-License-Identifier: Apache-2.0
import { type Digest, parseRepository } from '@promograph/oci';
import { describe, expect, it } from 'vitest';
import { CHILD_A, CHILD_B, DIGEST } from '../evidence.testing.ts';
import {
  gateVulnerabilities,
  type ScanFindings,
  type Scanner,
  scanOnce,
  scanVerdict,
  type Severity,
} from '../index.ts';
import { readSeverity } from './severity.ts';

const REPOSITORY = parseRepository('gcr.io/project/app');
const scanned = (...severities: Severity[]): ScanFindings => ({
  state: 'scanned',
  vulnerabilities: severities.map((severity, index) => ({ id: `CVE-${index}`, severity, fixable: true })),
});
const absent: ScanFindings = { state: 'absent', message: 'no scan was begun' };
const scanner = (answers: ReadonlyMap<Digest, ScanFindings>, asked: Digest[] = []): Scanner => ({
  findings: async (_repository, digest) => {
    asked.push(digest);
    return answers.get(digest) ?? absent;
  },
});

describe('146. a finding refuses from the threshold on', () => {
  it.each<[Severity, number, string]>([
    [0, 0, 'refused'],
    [0, 1, 'passed'],
    [1, 2, 'passed'],
    [2, 2, 'refused'],
    [3, 4, 'passed'],
    [4, 4, 'refused'],
    [5, 4, 'refused'],
    [5, 5, 'refused'],
  ])('severity %i with threshold %i is %s', (severity, threshold, verdict) => {
    expect(scanVerdict(scanned(severity), { threshold, fixableOnly: false }).verdict).toBe(verdict);
  });

  it('the highest of several findings decides, and an image without findings passes', () => {
    const rule = { threshold: 4, fixableOnly: false };

    expect(scanVerdict(scanned(1, 5, 3), rule)).toMatchObject({ vulnerabilities: [{ id: 'CVE-1', severity: 5 }] });
    expect(scanVerdict(scanned(1, 2, 3), rule)).toEqual({ verdict: 'passed' });
    expect(scanVerdict(scanned(), rule)).toEqual({ verdict: 'passed' });
  });

  it('what cannot be fixed is let through where only the fixable counts, even beside a fixable one of the same id', () => {
    const vulnerabilities = [
      { id: 'CVE-1', severity: 5, fixable: false },
      { id: 'CVE-1', severity: 2, fixable: true },
    ] as const;
    const findings = { state: 'scanned', vulnerabilities } as const;

    expect(scanVerdict(findings, { threshold: 4, fixableOnly: true })).toEqual({ verdict: 'passed' });
    expect(scanVerdict(findings, { threshold: 2, fixableOnly: false })).toEqual({
      verdict: 'refused',
      vulnerabilities: [{ id: 'CVE-1', severity: 5, fixable: true }],
    });
  });

  it('what was not scanned is absent, never clean', () => {
    expect(scanVerdict(absent, { threshold: 5, fixableOnly: true })).toEqual({
      verdict: 'absent',
      message: 'no scan was begun',
    });
  });
});

describe('severities', () => {
  it.each<[string, Severity | null]>([
    ['SEVERITY_UNSPECIFIED', 0],
    ['MINIMAL', 1],
    ['Negligible', 1],
    ['low', 2],
    ['MEDIUM', 3],
    ['High', 4],
    ['CRITICAL', 5],
    ['0.0', 1],
    ['3.9', 2],
    ['4', 3],
    ['7.0', 4],
    ['9.8', 5],
    ['10', 5],
    ['11', null],
    ['CVSS:3.1/AV:N/AC:L', null],
    ['', null],
  ])('%s is %s', (text, severity) => {
    expect(readSeverity(text)).toBe(severity);
  });
});

describe('the gate on vulnerabilities', () => {
  const rule = { threshold: 4, fixableOnly: true, require: false };
  const gate = (
    answers: readonly (readonly [Digest, ScanFindings])[],
    children: readonly Digest[] = [],
    require = false,
  ) =>
    gateVulnerabilities({
      repository: REPOSITORY,
      digest: DIGEST,
      children,
      scanner: scanner(new Map(answers)),
      rule: { ...rule, require },
    });

  it('refuses an image with what was found, and an index with what was found in any platform image', async () => {
    expect(await gate([[DIGEST, scanned(5, 1)]])).toMatchObject({
      verdict: 'refused',
      vulnerabilities: [{ id: 'CVE-0', severity: 5 }],
      refusal: { code: 'SCAN_THRESHOLD', message: `${DIGEST}: CVE-0 (5)` },
    });
    const index = await gate(
      [
        [CHILD_A, scanned(1)],
        [CHILD_B, scanned(4)],
      ],
      [CHILD_A, CHILD_B],
    );
    expect(index).toMatchObject({ verdict: 'refused', refusal: { message: expect.stringContaining(CHILD_B) } });
  });

  it('passes an index when each platform image was scanned, and not when only the index was', async () => {
    const both = [CHILD_A, CHILD_B];

    expect(
      await gate(
        [
          [CHILD_A, scanned()],
          [CHILD_B, scanned(3)],
        ],
        both,
      ),
    ).toMatchObject({ verdict: 'passed' });
    expect(
      await gate(
        [
          [DIGEST, scanned()],
          [CHILD_A, scanned()],
        ],
        both,
      ),
    ).toMatchObject({
      verdict: 'absent',
      refusal: null,
      warnings: [expect.stringContaining(CHILD_B)],
    });
  });

  it('needs no scan of an index whose images are asked for, and counts what one says all the same', async () => {
    const gateNested = (
      answers: readonly (readonly [Digest, ScanFindings])[],
    ): ReturnType<typeof gateVulnerabilities> =>
      gateVulnerabilities({
        repository: REPOSITORY,
        digest: DIGEST,
        children: [CHILD_A],
        indexes: [CHILD_B],
        scanner: scanner(new Map(answers)),
        rule: { ...rule, require: true },
      });

    expect(await gateNested([[CHILD_A, scanned()]])).toMatchObject({ verdict: 'passed', refusal: null });
    expect(await gateNested([[CHILD_B, scanned()]])).toMatchObject({ refusal: { code: 'SCAN_ABSENT' } });
    const worse = await gateNested([
      [CHILD_A, scanned()],
      [CHILD_B, scanned(5)],
    ]);
    expect(worse).toMatchObject({ refusal: { message: expect.stringContaining(CHILD_B) } });
  });

  it('refuses what was not scanned only where scans are required', async () => {
    expect(await gate([])).toMatchObject({ verdict: 'absent', refusal: null });
    expect(await gate([], [], true)).toMatchObject({ verdict: 'absent', refusal: { code: 'SCAN_ABSENT' } });
  });

  it('asks for each digest once, however many share it', async () => {
    const asked: Digest[] = [];
    const once = scanOnce(scanner(new Map([[CHILD_A, scanned()]]), asked));
    const input = { repository: REPOSITORY, children: [CHILD_A, CHILD_A], scanner: once, rule };

    await Promise.all([
      gateVulnerabilities({ ...input, digest: DIGEST }),
      gateVulnerabilities({ ...input, digest: CHILD_B }),
      gateVulnerabilities({ ...input, digest: DIGEST }),
    ]);

    expect(asked.sort()).toEqual([DIGEST, CHILD_A, CHILD_B].sort());
  });

  it('asks again after a failure', async () => {
    let calls = 0;
    const once = scanOnce({
      findings: async () => {
        calls += 1;
        if (calls === 1) throw new Error('unavailable');
        return scanned();
      },
    });

    await expect(once.findings(REPOSITORY, DIGEST)).rejects.toThrow('unavailable');
    await expect(once.findings(REPOSITORY, DIGEST)).resolves.toEqual(scanned());
  });
});
