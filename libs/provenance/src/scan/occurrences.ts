// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import type { ScanFindings, Severity, Vulnerability } from './scanner.ts';
import { readSeverity, worse } from './severity.ts';

/** A word that is not known must not pass as no severity. */
const severity = z
  .string()
  .nullish()
  .transform((text, context): Severity => {
    const read = text == null ? 0 : readSeverity(text);
    if (read !== null) return read;
    context.addIssue(`unknown severity ${text ?? ''}`);
    return z.NEVER;
  });

const discoverySchema = z.looseObject({ discovery: z.looseObject({ analysisStatus: z.string().optional() }) });

const vulnerabilitySchema = z.looseObject({
  noteName: z.string().optional(),
  vulnerability: z.looseObject({
    severity,
    effectiveSeverity: severity,
    shortDescription: z.string().optional(),
    fixAvailable: z.boolean().optional(),
    packageIssue: z.array(z.looseObject({ fixAvailable: z.boolean().optional() })).optional(),
  }),
});

/** A page of `projects.occurrences.list` (Container Analysis v1). Occurrences are left as they came. */
export const occurrencePageSchema: z.ZodType<OccurrencePage> = z.looseObject({
  occurrences: z.array(z.unknown()).optional(),
  nextPageToken: z.string().optional(),
});

/** A page of occurrences; empty lists are left out by the service. */
export interface OccurrencePage {
  readonly occurrences?: readonly unknown[] | undefined;
  readonly nextPageToken?: string | undefined;
}

const FINISHED = ['FINISHED_SUCCESS', 'COMPLETE'];

/** Why no scan was finished, by the discovery occurrences of an image; null when one was. */
export function unfinishedScan(occurrences: readonly unknown[]): Extract<ScanFindings, { state: 'absent' }> | null {
  const states = occurrences.map((one) => discoverySchema.safeParse(one).data?.discovery.analysisStatus ?? 'unknown');
  if (states.some((status) => FINISHED.includes(status))) return null;
  const message = states.length === 0 ? 'no scan was begun' : `the scan is ${[...new Set(states)].sort().join(', ')}`;
  return { state: 'absent', message };
}

/** A vulnerability occurrence; null for what is none. Of its two severities the worse counts. */
export function readOccurrence(occurrence: unknown): Vulnerability | null {
  const { data } = vulnerabilitySchema.safeParse(occurrence);
  if (data === undefined) return null;
  const { shortDescription, severity: own, effectiveSeverity, fixAvailable, packageIssue = [] } = data.vulnerability;
  return {
    id: shortDescription ?? data.noteName?.split('/').at(-1) ?? 'unnamed',
    severity: worse(own, effectiveSeverity),
    fixable: fixAvailable === true || packageIssue.some((issue) => issue.fixAvailable === true),
  };
}
