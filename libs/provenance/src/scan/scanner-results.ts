// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import type { Vulnerability } from './scanner.ts';
import { readSeverity } from './severity.ts';

const severity = z.string().transform((text, context) => {
  const read = readSeverity(text);
  if (read !== null) return read;
  context.addIssue(`unknown severity ${text}`);
  return z.NEVER;
});

const trivySchema = z.looseObject({
  SchemaVersion: z.literal(2),
  Results: z
    .array(
      z.looseObject({
        Class: z.string().optional(),
        Vulnerabilities: z
          .array(
            z.looseObject({ VulnerabilityID: z.string(), Severity: severity, FixedVersion: z.string().optional() }),
          )
          .nullish(),
      }),
    )
    .nullish(),
});

const PACKAGES = ['os-pkgs', 'lang-pkgs'];

/** A JSON report of Trivy. One that looked at no packages (of secrets alone, say) says nothing, and is null. */
export function readTrivy(result: unknown): readonly Vulnerability[] | null {
  const { data } = trivySchema.safeParse(result);
  const targets = data?.Results?.filter((target) => target.Vulnerabilities != null || isOfPackages(target.Class)) ?? [];
  if (targets.length === 0) return null;
  return targets
    .flatMap((target) => target.Vulnerabilities ?? [])
    .map((one) => ({ id: one.VulnerabilityID, severity: one.Severity, fixable: (one.FixedVersion ?? '') !== '' }));
}

function isOfPackages(name: string | undefined): boolean {
  return name === undefined || PACKAGES.includes(name);
}

const NOT_FIXED = ['not-fixed', 'wont-fix'];

const grypeSchema = z.looseObject({
  matches: z.array(
    z.looseObject({
      vulnerability: z.looseObject({
        id: z.string(),
        severity,
        fix: z.looseObject({ state: z.string().optional(), versions: z.array(z.string()).nullish() }).nullish(),
      }),
    }),
  ),
});

/** A JSON report of Grype. */
export function readGrype(result: unknown): readonly Vulnerability[] | null {
  const { data } = grypeSchema.safeParse(result);
  if (data === undefined) return null;
  return data.matches.map(({ vulnerability: { id, severity: found, fix } }) => {
    const isUnfixed = NOT_FIXED.includes(fix?.state ?? '') && (fix?.versions ?? []).length === 0;
    return { id, severity: found, fixable: !isUnfixed };
  });
}

const sarifSchema = z.looseObject({
  version: z.literal('2.1.0'),
  runs: z
    .array(
      z.looseObject({
        tool: z.looseObject({ driver: z.looseObject({ rules: z.array(z.unknown()).optional() }) }),
        results: z.array(z.looseObject({ ruleId: z.string() })),
      }),
    )
    .nonempty(),
});

const ruleSchema = z.looseObject({
  id: z.string(),
  properties: z.looseObject({
    'security-severity': z.union([z.string(), z.number()]).transform(String).pipe(severity),
  }),
});

/**
 * A SARIF 2.1.0 log whose rules carry `security-severity`, as Trivy, Grype and others write it. It does not tell what can be
 * fixed, so everything counts as fixable; a finding without a severity makes the log unreadable.
 */
export function readSarif(result: unknown): readonly Vulnerability[] | null {
  const { data } = sarifSchema.safeParse(result);
  if (data === undefined) return null;
  const found: Vulnerability[] = [];
  for (const run of data.runs) {
    const rules = new Map<string, Vulnerability['severity']>();
    for (const rule of run.tool.driver.rules ?? []) {
      const parsed = ruleSchema.safeParse(rule);
      if (parsed.success) rules.set(parsed.data.id, parsed.data.properties['security-severity']);
    }
    for (const { ruleId } of run.results) {
      const known = rules.get(ruleId);
      if (known === undefined) return null;
      found.push({ id: ruleId, severity: known, fixable: true });
    }
  }
  return found;
}
