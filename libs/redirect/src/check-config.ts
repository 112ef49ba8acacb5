// SPDX-License-Identifier: Apache-2.0
import { CANONICAL, durationMs, type RedirectConfig, redirectConfigSchema } from './config-schema.ts';

/** Something wrong with a configuration, and where. */
export interface ConfigIssue {
  /** Keys from the root; the last may be an unknown key. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Whether the key itself is wrong and not its value. */
  readonly isKey: boolean;
}

/** The configuration, or everything that is wrong with it. */
export type CheckedConfig =
  | { readonly isValid: true; readonly config: RedirectConfig }
  | { readonly isValid: false; readonly issues: readonly ConfigIssue[] };

/** Checks a value against the schema and what a schema cannot say. Never throws. */
export function checkConfig(value: unknown): CheckedConfig {
  const parsed = redirectConfigSchema.safeParse(value);
  if (!parsed.success) return { isValid: false, issues: parsed.error.issues.flatMap(readIssue) };
  const issues = checkNames(parsed.data);
  return issues.length === 0 ? { isValid: true, config: parsed.data } : { isValid: false, issues };
}

type ZodIssue =
  ReturnType<typeof redirectConfigSchema.safeParse> extends { error?: infer E }
    ? NonNullable<E> extends { issues: (infer I)[] }
      ? I
      : never
    : never;

function readIssue(issue: ZodIssue): readonly ConfigIssue[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: `unknown key ${key}`, isKey: true }));
  }
  if (issue.code === 'invalid_key') {
    const message = issue.issues[0]?.message ?? issue.message;
    return [{ path, message: `${path.join('.')}: ${message}`, isKey: true }];
  }
  // Of `false` and a mapping, the mapping is what was meant when it is one.
  const inner = issue.code === 'invalid_union' ? issue.errors.at(-1) : undefined;
  if (inner !== undefined && inner.length > 0) {
    return inner.flatMap((each) => readIssue({ ...each, path: [...issue.path, ...each.path] }));
  }
  return [{ path, message: `${path.join('.')}: ${issue.message}`, isKey: false }];
}

function checkNames(config: RedirectConfig): readonly ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const object = (path: readonly (string | number)[], message: string): void => {
    issues.push({ path, message: `${path.join('.')}: ${message}`, isKey: false });
  };
  const known = new Set([CANONICAL, ...Object.keys(config.regions ?? {})]);
  const checkRegion = (path: readonly (string | number)[], name: string | undefined): void => {
    if (name !== undefined && !known.has(name)) object(path, `there is no region ${name}`);
  };
  checkRegion(['default'], config.default);
  checkRegion(['region'], config.region);
  for (const [value, name] of Object.entries(config.client?.headerValues ?? {})) {
    checkRegion(['client', 'headerValues', value], name);
  }
  for (const [name, { next = [] }] of Object.entries(config.regions ?? {})) {
    if (name === CANONICAL) object(['regions', name], `${CANONICAL} is the name of the canonical registry`);
    for (const [index, each] of next.entries()) {
      checkRegion(['regions', name, 'next', index], each);
      if (each === name) object(['regions', name, 'next', index], 'a region cannot stand in for itself');
    }
  }
  if (config.client?.header !== undefined && (config.client.trustedHops ?? 0) === 0) {
    object(['client', 'header'], 'a header is believed only from a trusted proxy: set trustedHops');
  }
  checkDurations(config, object);
  return issues;
}

function checkDurations(config: RedirectConfig, object: (path: readonly string[], message: string) => void): void {
  const probe = config.probe === false ? undefined : config.probe;
  const positive = [
    [['probe', 'timeout'], probe?.timeout],
    [['health', 'interval'], config.health?.interval],
    [['health', 'timeout'], config.health?.timeout],
    [['limits', 'requestTimeout'], config.limits?.requestTimeout],
    [['limits', 'headersTimeout'], config.limits?.headersTimeout],
  ] as const;
  for (const [path, value] of positive) {
    if (value !== undefined && durationMs(value) === 0) object(path, 'must be more than nothing');
  }
}
