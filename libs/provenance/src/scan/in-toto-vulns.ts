// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import type { Severity, Vulnerability } from './scanner.ts';
import { readSeverity, worse } from './severity.ts';

const scores = z.array(z.looseObject({ method: z.string(), score: z.union([z.string(), z.number()]) }));
const findingSchema = z.looseObject({ id: z.string(), severity: scores });
/** Version 0.1 describes its findings below `vulnerability`, and shows them without. */
const listSchema = z.array(z.union([findingSchema, z.looseObject({ vulnerability: findingSchema })]));

/** Methods that say how likely an exploit is, not how bad. */
const NO_SEVERITY = /epss|kev|percentile/i;

/**
 * The result list of `https://in-toto.io/attestation/vulns`, v0.1 or v0.2. The worst score counts; a finding whose scores
 * cannot be read makes the list unreadable. What can be fixed is not told, so everything counts as fixable.
 */
export function readVulns(result: unknown): readonly Vulnerability[] | null {
  const { data } = listSchema.safeParse(result);
  if (data === undefined) return null;
  const found: Vulnerability[] = [];
  for (const entry of data) {
    const { id, severity } = findingSchema.safeParse(entry).data ?? findingSchema.parse(entry['vulnerability']);
    const worst = worstOf(severity.filter(({ method }) => !NO_SEVERITY.test(method)).map(({ score }) => String(score)));
    if (worst === null) return null;
    found.push({ id, severity: worst, fixable: true });
  }
  return found;
}

/** Null when there are scores and none can be read: a vector alone might stand for the worst. */
function worstOf(texts: readonly string[]): Severity | null {
  const read = texts.map(readSeverity).filter((severity) => severity !== null);
  if (read.length === 0 && texts.length > 0) return null;
  return read.reduce<Severity>(worse, 0);
}
