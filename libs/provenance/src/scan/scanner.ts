// SPDX-License-Identifier: Apache-2.0
import type { Digest, Repository } from '@promograph/oci';

/** As Container Analysis numbers severities: 0 unspecified, 1 minimal, 2 low, 3 medium, 4 high, 5 critical. */
export type Severity = 0 | 1 | 2 | 3 | 4 | 5;

/** A known vulnerability of a package in an image. */
export interface Vulnerability {
  /** CVE, GHSA or whatever the scanner calls it. */
  readonly id: string;
  readonly severity: Severity;
  /** Whether there is a fix; true where the scanner does not say. */
  readonly fixable: boolean;
}

/** What a scanner knows of one digest. `absent`: no scan was finished, which never means that the image is clean. */
export type ScanFindings =
  | { readonly state: 'scanned'; readonly vulnerabilities: readonly Vulnerability[] }
  | { readonly state: 'absent'; readonly message: string };

/** Tells the vulnerabilities of an image. Does not look at what is below an index. Fails with `ScanError`. */
export interface Scanner {
  findings(repository: Repository, digest: Digest, signal?: AbortSignal): Promise<ScanFindings>;
}
