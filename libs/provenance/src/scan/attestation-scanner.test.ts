// SPDX-License-Identifier: Apache-2.0
import { parseRepository } from '@promograph/oci';
import type { Examination } from '@promograph/signing';
import { describe, expect, it } from 'vitest';
import {
  CHILD_A,
  DIGEST,
  examined,
  type ExaminationParts,
  ISSUER,
  person,
  STAGING,
  statementOf,
} from '../evidence.testing.ts';
import { createAttestationScanner, type ScanFindings } from '../index.ts';

const COSIGN = 'https://cosign.sigstore.dev/attestation/vuln/v1';
const VULNS_1 = 'https://in-toto.io/attestation/vulns/v0.1';
const VULNS_2 = 'https://in-toto.io/attestation/vulns/v0.2';
const NOW = Date.parse('2026-11-21T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const trivy = (...vulnerabilities: readonly object[]): object => ({
  SchemaVersion: 2,
  Results: [{ Target: 'debian', Class: 'os-pkgs', Vulnerabilities: vulnerabilities }],
});
const CRITICAL = { VulnerabilityID: 'CVE-1', Severity: 'CRITICAL', FixedVersion: '1.2' };
const agoMs = (ms: number): string => new Date(NOW - ms).toISOString();
const scan = (
  result: unknown,
  parts: ExaminationParts & { type?: string; finished?: string; about?: typeof DIGEST } = {},
) => {
  const { type = COSIGN, finished = agoMs(HOUR), about = DIGEST } = parts;
  const predicate = {
    scanner: { uri: 'pkg:scanner', result },
    metadata: { scanStartedOn: finished, scanFinishedOn: finished },
  };
  return examined(statementOf(type, predicate, about), parts);
};
const findings = (
  examinations: readonly Examination[],
  excess: string | null = null,
  types?: readonly string[],
): Promise<ScanFindings> =>
  createAttestationScanner({
    evidenceOf: async (repository, subject) => ({
      evidence: { repository, subject, pieces: examinations.map(({ piece }) => piece), excess, unreadable: [] },
      examinations,
    }),
    signers: [{ kind: 'identity', subject: 'build@example.org', issuer: ISSUER }],
    maxAgeMs: DAY,
    now: () => NOW,
    ...(types !== undefined && { predicateTypes: types }),
  }).findings(parseRepository(STAGING), DIGEST);
const finding = (id: string, severity: number, fixable = true): object => ({ id, severity, fixable });

describe('results that are read', () => {
  it.each<[string, string, unknown, readonly object[]]>([
    [
      'a report of Trivy',
      COSIGN,
      trivy(CRITICAL, { VulnerabilityID: 'CVE-2', Severity: 'UNKNOWN' }),
      [finding('CVE-1', 5), finding('CVE-2', 0, false)],
    ],
    ['a report of Trivy that found nothing', COSIGN, { SchemaVersion: 2, Results: [{ Class: 'lang-pkgs' }] }, []],
    [
      'a report of Grype',
      COSIGN,
      {
        matches: [
          { vulnerability: { id: 'GHSA-1', severity: 'High', fix: { state: 'fixed', versions: ['2'] } } },
          { vulnerability: { id: 'CVE-2', severity: 'Negligible', fix: { state: 'not-fixed', versions: [] } } },
          { vulnerability: { id: 'CVE-3', severity: 'Medium', fix: { state: 'unknown', versions: [] } } },
        ],
      },
      [finding('GHSA-1', 4), finding('CVE-2', 1, false), finding('CVE-3', 3)],
    ],
    [
      'a SARIF log',
      COSIGN,
      {
        version: '2.1.0',
        runs: [
          {
            tool: { driver: { name: 'x', rules: [{ id: 'CVE-1', properties: { 'security-severity': '7.5' } }] } },
            results: [{ ruleId: 'CVE-1', level: 'error' }],
          },
        ],
      },
      [finding('CVE-1', 4)],
    ],
    [
      'a list of in-toto v0.2, of which the worst score counts',
      VULNS_2,
      [
        {
          id: 'CVE-1',
          severity: [
            { method: 'nvd', score: 'medium' },
            { method: 'cvss_score', score: '9.1' },
            { method: 'epss', score: '0.9' },
          ],
        },
      ],
      [finding('CVE-1', 5)],
    ],
    [
      'a list of in-toto v0.1 in either form',
      VULNS_1,
      [
        { vulnerability: { id: 'CVE-1', severity: [{ method: 'nvd', score: 'low' }] } },
        { id: 'CVE-2', severity: [{ method: 'cvss', score: 4.2 }] },
      ],
      [finding('CVE-1', 2), finding('CVE-2', 3)],
    ],
    ['an empty list of in-toto', VULNS_2, [], []],
  ])('%s', async (_name, type, result, vulnerabilities) => {
    expect(await findings([scan(result, { type })])).toEqual({ state: 'scanned', vulnerabilities });
  });

  it.each<[string, string, unknown]>([
    ['nothing', COSIGN, {}],
    ['an empty list, which is not of this type', COSIGN, []],
    ['a report of Trivy without any target', COSIGN, { SchemaVersion: 2 }],
    ['a report of Trivy about secrets', COSIGN, { SchemaVersion: 2, Results: [{ Class: 'secret' }] }],
    ['a severity that is not known', COSIGN, trivy({ ...CRITICAL, Severity: 'APOCALYPTIC' })],
    [
      'a SARIF log that does not tell severities',
      COSIGN,
      { version: '2.1.0', runs: [{ tool: { driver: {} }, results: [{ ruleId: 'CVE-1' }] }] },
    ],
    ['a vector alone', VULNS_2, [{ id: 'CVE-1', severity: [{ method: 'cvss', score: 'CVSS:3.1/AV:N' }] }]],
  ])('%s is no result: absent', async (_name, type, result) => {
    expect(await findings([scan(result, { type })])).toMatchObject({ state: 'absent' });
  });
});

describe('attestations that count', () => {
  it.each<[string, readonly Examination[]]>([
    ['none', []],
    ['one by a stranger', [scan(trivy(), { signer: person('stranger@example.org') })]],
    ['one that failed', [scan(trivy(), { status: 'failed' })]],
    ['one about another digest', [scan(trivy(), { about: CHILD_A })]],
    ['one of another type', [scan(trivy(), { type: 'https://example.org/scan' })]],
    ['one that does not say when the scan finished', [scan(trivy(), { finished: 'yesterday' })]],
    ['one from the future', [scan(trivy(), { finished: agoMs(-HOUR) })]],
    ['one that is too old', [scan(trivy(), { finished: agoMs(DAY + 1) })]],
  ])('are not %s: absent', async (_name, examinations) => {
    expect(await findings(examinations)).toMatchObject({ state: 'absent' });
  });

  it('are the newest alone, in whatever order they lie there', async () => {
    const old = scan(trivy(), { finished: agoMs(2 * HOUR) });
    const newest = scan(trivy(CRITICAL), { finished: agoMs(HOUR) });

    for (const examinations of [
      [old, newest],
      [newest, old],
    ]) {
      expect(await findings(examinations)).toEqual({ state: 'scanned', vulnerabilities: [finding('CVE-1', 5)] });
    }
  });

  it('are not replaced by an older one when the newest cannot be read', async () => {
    const unread = scan({}, { finished: agoMs(HOUR) });

    expect(await findings([scan(trivy(), { finished: agoMs(2 * HOUR) }), unread])).toMatchObject({ state: 'absent' });
  });

  it('are both where two finished at the same time', async () => {
    const grype = scan({ matches: [] });

    expect(await findings([grype, scan(trivy(CRITICAL))])).toMatchObject({ vulnerabilities: [{ id: 'CVE-1' }] });
  });

  it('are of the listed types only, and none beyond a limit', async () => {
    expect(await findings([scan(trivy())], null, [VULNS_2])).toMatchObject({ state: 'absent' });
    expect(await findings([scan(trivy())], '600 referrers')).toEqual({ state: 'absent', message: '600 referrers' });
  });
});
