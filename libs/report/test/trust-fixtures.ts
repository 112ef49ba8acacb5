// SPDX-License-Identifier: Apache-2.0
import { digest } from '@promograph/plan/testing';
import type { GateReport, ReplicateReport, TrustReceipt, VerifyReport } from '../src/index.ts';
import { HOSTILE } from './fixtures.ts';

const REPOSITORY = 'us.example.org/prod/foo';
const REFERENCE = 'images.example.org/foo';
const LOG = { logId: 'c0d23d6a', logIndex: 4711 };

/** Receipts of both stages with every outcome in them. */
export function trustReceipts(): readonly TrustReceipt[] {
  const at = { repository: REPOSITORY, reference: REFERENCE };
  const counts = { failed: 1, skipped: 1, certificates: 1 };
  return [
    {
      formatVersion: '1.0',
      project: 'alpha',
      stage: 'sign',
      confirmed: true,
      summary: { ...counts, written: 1, present: 2, notLookedAt: 3, logEntries: 2 },
      digests: [
        {
          ...at,
          digest: digest('aa'),
          outcome: 'written',
          written: [
            { layout: 'legacy', digest: digest('a1'), log: LOG },
            { layout: 'bundle', digest: digest('a2'), predicateType: 'https://sigstore.dev/cosign/sign/v1' },
          ],
        },
        { ...at, digest: digest('bb'), outcome: 'present' },
        {
          ...at,
          digest: digest('cc'),
          outcome: 'failed',
          error: { code: 'SIGNING_LOG', message: 'the log answered 503', hint: 'Run again later.' },
        },
        { ...at, repository: REFERENCE, digest: digest('dd'), outcome: 'skipped' },
      ],
    },
    {
      formatVersion: '1.0',
      project: 'alpha',
      stage: 'attest',
      confirmed: true,
      summary: { written: 0, present: 1, failed: 0, skipped: 0, notLookedAt: 3, certificates: 0, logEntries: 0 },
      digests: [{ ...at, digest: digest('aa'), outcome: 'present' }],
    },
  ];
}

/** What a dry run would sign. */
export function plannedTrust(): readonly TrustReceipt[] {
  return trustReceipts()
    .slice(0, 1)
    .map((receipt) => ({
      ...receipt,
      confirmed: false,
      summary: {
        ...receipt.summary,
        written: 0,
        failed: 0,
        skipped: 0,
        present: 0,
        notLookedAt: 0,
        logEntries: 0,
        certificates: 0,
      },
      digests: receipt.digests.slice(0, 1).map(({ written: _, ...rest }) => ({ ...rest, outcome: 'planned' as const })),
    }));
}

/** A gate with a refusal of each kind, a warning, and hostile names. */
export function gateReport(): GateReport {
  const source = 'gcr.io/staging/foo';
  const verified = { verdict: 'verified', signer: 'ci@example.org (https://accounts.example.org)' } as const;
  return {
    summary: { digests: 5, verified: 2, absent: 1, untrusted: 1, unverifiable: 0, failed: 1, refused: 3 },
    digests: [
      { source, digest: digest('aa'), signature: verified },
      {
        source,
        digest: digest('bb'),
        signature: { verdict: 'failed', code: 'SIG_PAYLOAD_DIGEST', message: 'the payload is about another digest' },
        signatures: [
          verified,
          {
            verdict: 'failed',
            code: 'SIG_PAYLOAD_DIGEST',
            message: 'the payload is about another digest',
            signer: 'ci@example.org (https://accounts.example.org)',
            evidence: `${source}@${digest('b1')}`,
          },
        ],
        refused: { reason: 'signature', code: 'SIG_PAYLOAD_DIGEST', message: 'a signature in a trusted name is wrong' },
      },
      {
        source,
        digest: digest('cc'),
        signature: verified,
        provenance: {
          verdict: 'unsatisfied',
          mode: 'require',
          violations: ['no SLSA build provenance found', 'other source'],
        },
        refused: { reason: 'provenance', code: 'PROVENANCE_POLICY', message: 'the policy is not satisfied' },
      },
      {
        source,
        digest: digest('dd'),
        signature: { verdict: 'absent' },
        scan: {
          verdict: 'refused',
          vulnerabilities: [
            { id: 'CVE-2026-0001', severity: 5, fixable: true },
            { id: 'CVE-2026-0002', severity: 4, fixable: false },
          ],
        },
        refused: { reason: 'vulnerability', code: 'SCAN_THRESHOLD', message: '2 vulnerabilities from high' },
      },
      {
        source: `h/${HOSTILE[1]}`,
        digest: digest('ee'),
        signature: { verdict: 'untrusted', code: 'SIG_IDENTITY', message: HOSTILE[2], signer: HOSTILE[3] },
        warnings: [HOSTILE[5]],
      },
    ],
  };
}

/** A verification with a finding, a healed one, and an image that verifies. */
export function verifyReport(): VerifyReport {
  const at = { repository: REPOSITORY, reference: REFERENCE };
  return {
    formatVersion: '1.0',
    summary: { images: 3, verified: 1, findings: 2, healed: 1 },
    images: [
      {
        ...at,
        digest: digest('aa'),
        cosign: `cosign verify --certificate-identity release@example.org --certificate-oidc-issuer https://accounts.example.org ${REFERENCE}@${digest('aa')}`,
      },
    ],
    findings: [
      {
        ...at,
        kind: 'unsigned',
        digest: digest('bb'),
        tags: ['v1', 'v1.0'],
        message: 'no signature of ours',
        healed: true,
      },
      {
        ...at,
        kind: 'foreign-signer',
        digest: digest('cc'),
        tags: [],
        message: 'signed by another',
        evidence: [{ verdict: 'untrusted', code: 'SIG_IDENTITY', message: HOSTILE[6], evidence: HOSTILE[0] }],
      },
      { ...at, kind: 'unsigned', digest: digest('dd'), index: digest('cc'), tags: [], message: 'no signature of ours' },
    ],
  };
}

/** A replication with every outcome. */
export function replicateReport(confirmed: boolean): ReplicateReport {
  const item = { source: REPOSITORY, reference: `sha256-${'aa'.repeat(32)}.sig` };
  return {
    formatVersion: '1.0',
    confirmed,
    summary: {
      groups: 4,
      signed: 3,
      present: 5,
      missing: 2,
      copied: confirmed ? 1 : 0,
      failed: confirmed ? 1 : 0,
      listRequests: 2,
    },
    items: confirmed
      ? [
          { ...item, destination: 'eu.example.org/prod/foo', outcome: 'copied' },
          {
            ...item,
            destination: 'asia.example.org/prod/foo',
            outcome: 'failed',
            error: { code: 'REGISTRY_FORBIDDEN', message: 'PUT answered 403' },
          },
        ]
      : [{ ...item, destination: 'eu.example.org/prod/foo', outcome: 'planned' }],
  };
}
