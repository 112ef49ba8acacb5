// SPDX-License-Identifier: Apache-2.0
import type { Project, ProvenancePolicy, ScanSettings } from '@promograph/manifest';
import { projectOf } from '@promograph/plan/testing';
import { describe, expect, it } from 'vitest';
import { planGateOf, type PlanGate } from './plan-gate.ts';

const POLICY: ProvenancePolicy = {
  mode: 'require',
  signers: [],
  builders: [],
  sources: [],
  predicateTypes: [],
  level: 3,
  levels: [],
};
const SCAN: ScanSettings = {
  adapter: 'containeranalysis',
  threshold: 4,
  fixableOnly: false,
  maxAgeMs: 1,
  identities: [],
  endpoint: null,
  require: true,
};

const project = (source: string, provenance: Partial<ProvenancePolicy> | null): Project => ({
  ...projectOf({ name: source, source, destinations: ['d.example.org'], images: { foo: { aa: ['v1'] } } }),
  provenance: provenance === null ? null : { ...POLICY, ...provenance },
});

describe('planGateOf', () => {
  it.each<[string, readonly Project[], PlanGate | null]>([
    ['is nothing where nothing is demanded', [project('a.org/x', null)], null],
    ['is nothing under a policy that is off', [project('a.org/x', { mode: 'off' })], null],
    [
      'has the level of the own policy',
      [project('a.org/x', {})],
      { signatures: 'off', provenance: 'require', level: 3 },
    ],
    [
      "has a parent's policy",
      [project('a.org/x/y', null), project('a.org/x', { mode: 'warn', level: 2 })],
      { signatures: 'off', provenance: 'warn', level: 2 },
    ],
    [
      'has the policy of a registry below, where it has images there',
      [project('a.org/x', null), project('a.org/x/foo', { level: 2 })],
      { signatures: 'off', provenance: 'require', level: 2 },
    ],
    ['lacks that of a registry below where it has none', [project('a.org/x', null), project('a.org/x/bar', {})], null],
    ["lacks a neighbour's policy", [project('a.org/x', null), project('a.org/xy', {})], null],
    [
      'has the strictest of several',
      [project('a.org/x/y', { level: 2 }), project('a.org/x', {}), project('a.org', { mode: 'warn', level: 0 })],
      { signatures: 'off', provenance: 'require', level: 3 },
    ],
  ])('%s', (_name, projects, expected) => {
    const [first] = projects;
    const config = { staging: { signatures: 'off' as const, identities: [] }, scan: null };
    expect(first === undefined ? undefined : planGateOf(first, { projects, config })).toEqual(expected);
  });

  it('has what the configuration demands', () => {
    const only = project('a.org/x', null);
    const config = { staging: { signatures: 'require' as const, identities: [] }, scan: SCAN };
    expect(planGateOf(only, { projects: [only], config })).toEqual({
      signatures: 'require',
      provenance: 'off',
      scan: 4,
    });
  });
});
