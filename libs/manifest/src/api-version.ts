// SPDX-License-Identifier: Apache-2.0
import type { Field, NodeReader } from './node-reader.ts';

/** The format of the settings files that this version reads and writes. */
export const API_VERSION = 'promograph/v1';

/** Notes a missing or unknown `apiVersion`; a newer one has its own hint. `at` is where the file's mapping starts. */
export function checkApiVersion(reader: NodeReader, field: Field | undefined, at: number): void {
  if (field === undefined) {
    reader.missingKey('apiVersion', at, 'the file');
    return;
  }
  const version = reader.text(field, 'apiVersion');
  if (version === null || version.text === API_VERSION) return;
  const isNewer = /^promograph\/v[0-9]+/.test(version.text);
  const hint = isNewer ? `Upgrade promograph: this one knows ${API_VERSION}.` : `Write apiVersion: ${API_VERSION}.`;
  const message = `unsupported apiVersion: ${version.text}`;
  reader.findings.add('version-unsupported', version.offset, { message, value: version.text, hint });
}
