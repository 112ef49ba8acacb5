// SPDX-License-Identifier: Apache-2.0

const NAMES = ['unknown', 'minimal', 'low', 'medium', 'high', 'critical'] as const;

/** The name of a severity from 0 to 5. */
export function severityName(severity: number): string {
  return NAMES[severity] ?? `severity ${severity}`;
}
