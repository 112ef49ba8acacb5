// SPDX-License-Identifier: Apache-2.0
import type { ScanErrorCode, VulnerabilityGate } from '@promograph/provenance';
import type { ErrorExplanation } from './error-explanation.ts';

type ScanRefusalCode = NonNullable<VulnerabilityGate['refusal']>['code'];

/** Errors of asking a scanner, and why the vulnerability gate refuses an image. */
export const SCAN_CODES: Readonly<Record<ScanErrorCode | ScanRefusalCode, ErrorExplanation>> = {
  SCAN_PROJECT: {
    outcome: 'input',
    title: 'The scanner has no project for the image',
    cause: 'Container Analysis keeps findings by Google Cloud project, and the name of the image tells none.',
    remedy: 'Scan images in Artifact Registry or Container Registry, or use `adapter: attestations`.',
  },
  SCAN_ENDPOINT: {
    outcome: 'input',
    title: 'The address of the scanner cannot be used',
    cause: '`scan.endpoint` is no https address (http on loopback hosts only).',
    remedy: 'Correct it, or leave it out.',
  },
  SCAN_CREDENTIALS: {
    outcome: 'outside',
    title: 'There are no credentials for the scanner',
    cause: 'Application default credentials were not found, or gave no token.',
    remedy: 'Log in (`gcloud auth application-default login`), or give the job a service account.',
  },
  SCAN_DENIED: {
    outcome: 'outside',
    title: 'The scanner refuses the account',
    cause: 'The account may not read findings in the project of the image.',
    remedy: 'Grant it `roles/containeranalysis.occurrences.viewer` there.',
  },
  SCAN_SERVICE: {
    outcome: 'outside',
    title: 'The scanner cannot be reached',
    cause: 'It did not answer, or answered with a fault of its own; retries did not help.',
    remedy: 'Run again later. What could not be scanned is not promoted.',
  },
  SCAN_ANSWER: {
    outcome: 'outside',
    title: 'The scanner answers against its protocol',
    cause: 'Its answer cannot be read as findings.',
    remedy: 'Check `scan.endpoint`.',
  },
  SCAN_THRESHOLD: {
    outcome: 'refused',
    title: 'The image has vulnerabilities at or above the threshold',
    cause: 'The scan of the image, or of a platform image of the index, lists them; the message names the worst.',
    remedy: 'Build the image anew with fixes. `scan.fixableOnly` leaves out what has none.',
  },
  SCAN_ABSENT: {
    outcome: 'refused',
    title: 'The image was not scanned, and a scan is required',
    cause: 'No finished scan was found, or only one older than `scan.maxAge`. Not scanned is never clean.',
    remedy: 'Wait for the scan and run again, or have the scanner attest anew; `scan.require: false` lets it pass.',
  },
};
