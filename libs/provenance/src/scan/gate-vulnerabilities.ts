// SPDX-License-Identifier: Apache-2.0
import type { Digest, Repository } from '@promograph/oci';
import type { Scanner, Vulnerability } from './scanner.ts';
import { type ScanRule, scanVerdict } from './scan-verdict.ts';

/** An image or index that is due to move. */
export interface VulnerabilityGateInput {
  readonly repository: Repository;
  readonly digest: Digest;
  /** All platform images below it, for an index. */
  readonly children: readonly Digest[];
  /** Indexes below it, whose images are among `children`: they need no scan of their own. */
  readonly indexes?: readonly Digest[];
  /** Wrapped by `scanOnce`, so that images that share a digest ask once. */
  readonly scanner: Scanner;
  readonly rule: ScanRule & {
    /** Whether an image without a finished scan is refused. */
    readonly require: boolean;
  };
  readonly signal?: AbortSignal;
}

/** What the gate says of the vulnerabilities of one digest. */
export interface VulnerabilityGate {
  readonly verdict: 'passed' | 'refused' | 'absent';
  /** Those that refuse; the worst first, each digest's own list after the other's. */
  readonly vulnerabilities: readonly Vulnerability[];
  readonly refusal: { readonly code: 'SCAN_THRESHOLD' | 'SCAN_ABSENT'; readonly message: string } | null;
  readonly warnings: readonly string[];
}

const LISTED = 5;

/**
 * Asks for an image, or for an index and everything below it, all at once. An index counts as scanned when every
 * platform image is: a scan of the index alone saw one of them. Fails with `ScanError`.
 */
export async function gateVulnerabilities(input: VulnerabilityGateInput): Promise<VulnerabilityGate> {
  const { repository, digest, children, indexes = [], scanner, rule } = input;
  const judged = await Promise.all(
    [...new Set([digest, ...indexes, ...children])].map(async (subject) => {
      return { subject, judged: scanVerdict(await scanner.findings(repository, subject, input.signal), rule) };
    }),
  );
  const refused = judged.flatMap(({ subject, judged: one }) =>
    one.verdict === 'refused' ? [{ subject, vulnerabilities: one.vulnerabilities }] : [],
  );
  if (refused.length > 0) {
    const message = refused.map(({ subject, vulnerabilities }) => `${subject}: ${list(vulnerabilities)}`).join('; ');
    const vulnerabilities = merge(refused.flatMap((one) => one.vulnerabilities));
    return { verdict: 'refused', vulnerabilities, refusal: { code: 'SCAN_THRESHOLD', message }, warnings: [] };
  }
  const needed = new Set(children.length === 0 ? [digest, ...indexes] : children);
  const absent = judged.flatMap(({ subject, judged: one }) =>
    one.verdict === 'absent' && needed.has(subject) ? [`${subject}: ${one.message}`] : [],
  );
  if (absent.length === 0) return { verdict: 'passed', vulnerabilities: [], refusal: null, warnings: [] };
  const message = `not scanned: ${absent.join('; ')}`;
  const refusal = rule.require ? ({ code: 'SCAN_ABSENT', message } as const) : null;
  return { verdict: 'absent', vulnerabilities: [], refusal, warnings: rule.require ? [] : [message] };
}

function merge(vulnerabilities: readonly Vulnerability[]): readonly Vulnerability[] {
  const judged = scanVerdict({ state: 'scanned', vulnerabilities }, { threshold: 0, fixableOnly: false });
  return judged.verdict === 'refused' ? judged.vulnerabilities : [];
}

function list(vulnerabilities: readonly Vulnerability[]): string {
  const shown = vulnerabilities.slice(0, LISTED).map(({ id, severity }) => `${id} (${severity})`);
  const more = vulnerabilities.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
